// Compares random histories of a queue with a plain model of Service Bus: no message is lost,
// doubled or locked for ever.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import rhea from 'rhea';
import { createEntityDirectory, type Mailbox } from '../../servicebus/entities.ts';
import { BrokerError } from '../../servicebus/broker-error.ts';
import { createSubscriptionRules } from '../../servicebus/filters/subscription-rules.ts';
import type { BrokerContext } from '../../servicebus/broker-context.ts';
import { readMessage } from '../../servicebus/message.ts';
import {
  peek,
  renewLock,
  settle,
  takeMessages,
  takeDeferred,
  type Settlement,
} from '../../servicebus/receiving.ts';
import { schedule, send } from '../../servicebus/sending.ts';
import { BrokerStore } from '../../servicebus/store.ts';
import { processDue } from '../../servicebus/due-work.ts';

const LOCK = 1_000;
const DELIVERIES = 3;
const folder = mkdtempSync(join(tmpdir(), 'simulator-servicebus-model-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A message in the model. */
interface Expected {
  place: 'active' | 'deferred' | 'scheduled' | 'dead' | 'gone';
  sequence: number;
  failed: number;
  lockedUntil: number;
  lock?: Buffer;
  at: number;
}

let life = 0;

class Queue {
  time = 1_000_000;
  readonly expected = new Map<string, Expected>();
  /** All locks of the past, with their messages. */
  readonly locks: { id: string; lock: Buffer }[] = [];
  private readonly file = join(folder, `${(life += 1)}.sqlite`);
  private store = new BrokerStore(this.file);
  private ground = this.openGround();

  private openGround(): BrokerContext {
    const directory = createEntityDirectory(
      { queues: [{ name: 'q', lockDuration: 'PT1S', maxDeliveryCount: DELIVERIES }] },
      (address) => this.store.entityNumber(address),
    );
    return {
      store: this.store,
      directory,
      rules: createSubscriptionRules(this.store, directory),
      now: () => this.time,
      changed: () => undefined,
      wakeBy: () => undefined,
      sessionLost: () => undefined,
    };
  }

  private get mailbox(): Mailbox {
    return this.ground.directory.find('q') as Mailbox;
  }

  reopen(): void {
    this.store.close();
    this.store = new BrokerStore(this.file);
    this.ground = this.openGround();
  }

  close(): void {
    this.store.close();
  }

  send(delay: number | undefined): void {
    const id = String(this.expected.size);
    const body: unknown = rhea.message.data_section(Buffer.from(id));
    const message = readMessage(rhea.message.encode({ message_id: id, body }));
    const at = this.time + (delay ?? 0);
    const [sequence = 0] =
      delay === undefined
        ? send(this.ground, this.mailbox, [message])
        : schedule(this.ground, this.mailbox, [{ ...message, scheduled: at }]);
    this.expected.set(id, {
      place: delay === undefined ? 'active' : 'scheduled',
      sequence,
      failed: 0,
      lockedUntil: 0,
      at,
    });
  }

  pass(milliseconds: number): void {
    this.time += milliseconds;
    processDue(this.ground);
    const due = [...this.expected.values()]
      .filter(({ place, at }) => place === 'scheduled' && at <= this.time)
      .sort((a, b) => a.at - b.at || a.sequence - b.sequence);
    for (const message of due) message.place = 'active';
    for (const message of this.expected.values())
      if (message.lock !== undefined && message.lockedUntil <= this.time) this.fail(message);
  }

  private fail(message: Expected): void {
    delete message.lock;
    message.failed += 1;
    if (message.failed >= DELIVERIES) message.place = 'dead';
  }

  take(count: number): void {
    for (const { row, lock, lockedUntil } of takeMessages(this.ground, this.mailbox, count, 'peekLock'))
      this.handedOut(idOf(row.properties), lock, lockedUntil, 'active');
  }

  private handedOut(
    id: string,
    lock: Buffer | undefined,
    lockedUntil: number | null,
    from: Expected['place'],
  ): void {
    const message = this.expected.get(id);
    expect([message?.place, message?.lock]).toEqual([from, undefined]);
    if (message === undefined || lock === undefined) return;
    Object.assign(message, { lock, lockedUntil: lockedUntil ?? 0 });
    this.locks.push({ id, lock });
  }

  takeDeferred(): void {
    const [id, message] =
      [...this.expected].find(([, { place, lock }]) => place === 'deferred' && lock === undefined) ?? [];
    if (id === undefined || message === undefined) return;
    for (const { row, lock, lockedUntil } of takeDeferred(
      this.ground,
      this.mailbox,
      [message.sequence],
      'peekLock',
    ))
      this.handedOut(idOf(row.properties), lock, lockedUntil, 'deferred');
  }

  /** Settles with any lock of the past. Only a valid lock may have an effect. */
  settle(which: number, kind: Settlement['kind'] | 'renew'): void {
    const chosen = this.locks[which % Math.max(1, this.locks.length)];
    if (chosen === undefined) return;
    const message = this.expected.get(chosen.id);
    const holds = message?.lock?.equals(chosen.lock) === true;
    const act = (): unknown =>
      kind === 'renew'
        ? renewLock(this.ground, this.mailbox, chosen.lock)
        : settle(this.ground, this.mailbox, chosen.lock, { kind, properties: {} });
    if (!holds) {
      expect(act).toThrow(BrokerError);
      return;
    }
    act();
    if (kind === 'renew') message.lockedUntil = this.time + LOCK;
    else if (kind === 'abandon') this.fail(message);
    else {
      delete message.lock;
      message.place = kind === 'complete' ? 'gone' : kind === 'defer' ? 'deferred' : 'dead';
      if (kind === 'defer') message.failed += 1;
    }
  }

  check(): void {
    const dead = this.mailbox.deadLetters?.number ?? 0;
    const rows = [
      ...peek(this.ground, this.mailbox.number, 0, 1_000, undefined),
      ...peek(this.ground, dead, 0, 1_000, undefined),
    ];
    const seen = rows.map((row) => {
      const place = row.mailbox === dead ? 'dead' : ['active', 'deferred', 'scheduled'][row.state];
      return [idOf(row.properties), place, row.deliveryCount, row.lock !== null];
    });
    const wanted = [...this.expected]
      .filter(([, { place }]) => place !== 'gone')
      .map(([id, { place, failed, lock }]) => [id, place, failed, lock !== undefined]);
    const byId = (a: unknown[], b: unknown[]): number => Number(a[0]) - Number(b[0]);
    expect(seen.sort(byId)).toEqual(wanted.sort(byId));
    for (const row of rows) {
      const message = this.expected.get(idOf(row.properties));
      if (message !== undefined) message.sequence = row.sequence;
    }
  }
}

const idOf = (properties: Uint8Array): string =>
  String((rhea.message.decode(Buffer.from(properties)) as { message_id?: unknown }).message_id);

const step = fc.oneof(
  fc.record({
    do: fc.constant('send' as const),
    delay: fc.option(fc.integer({ min: 1, max: 2_000 }), { nil: undefined }),
  }),
  fc.record({ do: fc.constant('take' as const), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({
    do: fc.constant('settle' as const),
    which: fc.nat(50),
    kind: fc.constantFrom(
      'complete' as const,
      'abandon' as const,
      'defer' as const,
      'deadLetter' as const,
      'renew' as const,
    ),
  }),
  fc.record({ do: fc.constant('pass' as const), milliseconds: fc.integer({ min: 1, max: 1_500 }) }),
  fc.constant({ do: 'takeDeferred' as const }),
  fc.constant({ do: 'reopen' as const }),
);

function perform(queue: Queue, action: typeof step extends fc.Arbitrary<infer S> ? S : never): void {
  switch (action.do) {
    case 'send':
      queue.send(action.delay);
      break;
    case 'take':
      queue.take(action.count);
      break;
    case 'settle':
      queue.settle(action.which, action.kind);
      break;
    case 'pass':
      queue.pass(action.milliseconds);
      break;
    case 'takeDeferred':
      queue.takeDeferred();
      break;
    case 'reopen':
      queue.reopen();
  }
}

test('random sends, receives, settlements, waits and restarts match the model', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
      const queue = new Queue();
      try {
        for (const action of steps) {
          perform(queue, action);
          queue.check();
        }
        // No lock lasts for ever: after the longest lock, every active message is available.
        queue.pass(2_100);
        queue.pass(LOCK);
        queue.check();
        queue.take(1_000);
        queue.check();
        expect(
          [...queue.expected.values()].filter(({ place, lock }) => place === 'active' && lock === undefined),
        ).toEqual([]);
      } finally {
        queue.close();
      }
    }),
    { numRuns: 60 },
  );
});
