// Requests on the management link of an entity: what is not sending, receiving or settling in the usual way.

import type { Entity, Mailbox } from '../entities.ts';
import { Failure, sessionLockLost } from '../failure.ts';
import type { Ground } from '../ground.ts';
import { outgoing, readMessage } from '../message.ts';
import { peek, renewLock, settle, takeDeferred, type HeldSession, type Outcome } from '../receiving.ts';
import { cancelScheduled, schedule, targetOf } from '../sending.ts';
import { listSessions, mustHold, renewSession, sessionState, setSessionState } from '../sessions.ts';
import { ARRAY_OF, asBuffer, codec, plainMap, type Plain } from './codec.ts';
import { rulesDescribed, ruleFrom } from './rules-on-the-wire.ts';
import type { WireMessage } from './rhea-seam.ts';
import type { Verb } from './work.ts';

export interface Request {
  readonly ground: Ground;
  readonly entity: Entity;
  readonly body: Plain;
  /** The sessions that the client holds on this connection. */
  readonly sessions: readonly HeldSession[];
}

export interface Operation {
  readonly verb: Verb;
  /** The body of the answer; undefined: there is nothing to tell (status 204). */
  readonly run: (request: Request) => Plain | undefined;
}

const NOTHING: Plain = {};
/** Clients that mean "with messages" ask for what changed after the end of time. */
const END_OF_TIME = Date.parse('9999-12-31T00:00:00Z');

const OPERATIONS: Readonly<Record<string, Operation>> = {
  'com.microsoft:schedule-message': { verb: 'SCHEDULE', run: scheduled },
  'com.microsoft:cancel-scheduled-message': {
    verb: 'CANCEL',
    run({ ground, entity, body }) {
      cancelScheduled(ground, targetOf(entity), numbersOf(body['sequence-numbers']));
      return NOTHING;
    },
  },
  'com.microsoft:peek-message': { verb: 'PEEK', run: peeked },
  'com.microsoft:receive-by-sequence-number': { verb: 'RECEIVEDEFERRED', run: received },
  'com.microsoft:renew-lock': {
    verb: 'RENEWLOCK',
    run: ({ ground, entity, body }) => ({
      expirations: codec.wrap_array(
        locksOf(body).map((lock) => renewLock(ground, mailboxOf(entity), lock)),
        ARRAY_OF.timestamp,
        undefined,
      ),
    }),
  },
  'com.microsoft:renew-session-lock': {
    verb: 'RENEWSESSION',
    run: (request) => ({
      expiration: codec.wrap_timestamp(
        renewSession(request.ground, mailboxOf(request.entity), heldSession(request)),
      ),
    }),
  },
  'com.microsoft:get-session-state': {
    verb: 'GETSTATE',
    run(request) {
      const state = sessionState(request.ground, mailboxOf(request.entity), heldSession(request));
      return { 'session-state': state === null ? null : asBuffer(state) };
    },
  },
  'com.microsoft:set-session-state': {
    verb: 'SETSTATE',
    run(request) {
      const state = request.body['session-state'];
      setSessionState(
        request.ground,
        mailboxOf(request.entity),
        heldSession(request),
        Buffer.isBuffer(state) ? state : null,
      );
      return NOTHING;
    },
  },
  'com.microsoft:get-message-sessions': { verb: 'LISTSESSIONS', run: sessionsListed },
  'com.microsoft:add-rule': {
    verb: 'ADDRULE',
    run({ ground, entity, body }) {
      ground.rules.add(
        subscriptionOf(entity),
        ruleFrom(String(body['rule-name']), plainMap(body['rule-description'])),
      );
      return NOTHING;
    },
  },
  'com.microsoft:remove-rule': {
    verb: 'REMOVERULE',
    run({ ground, entity, body }) {
      ground.rules.remove(subscriptionOf(entity), String(body['rule-name']));
      return NOTHING;
    },
  },
  'com.microsoft:enumerate-rules': {
    verb: 'LISTRULES',
    run({ ground, entity, body }) {
      const skip = Number(body['skip'] ?? 0);
      const rules = ground.rules
        .list(subscriptionOf(entity))
        .slice(skip, skip + Number(body['top'] ?? Infinity));
      return rules.length === 0 ? undefined : { rules: rulesDescribed(rules) };
    },
  },
  'com.microsoft:update-disposition': { verb: 'COMPLETE', run: settled },
};

const SETTLING: Readonly<Record<string, Verb>> = {
  completed: 'COMPLETE',
  abandoned: 'ABANDON',
  defered: 'DEFER',
  suspended: 'DEADLETTER',
};

export function operationOf(message: WireMessage): Operation {
  const name = String(message.application_properties?.['operation']);
  const operation = OPERATIONS[name];
  if (operation === undefined)
    throw new Failure('amqp:not-implemented', `The operation '${name}' is not known here.`);
  const settling =
    operation.run === settled ? SETTLING[String(plainMap(message.body)['disposition-status'])] : undefined;
  return settling === undefined ? operation : { ...operation, verb: settling };
}

function scheduled({ ground, entity, body }: Request): Plain {
  const messages = (Array.isArray(body['messages']) ? body['messages'] : []).map((entry) =>
    readMessage(plainMap(entry)['message'] as Buffer),
  );
  return {
    'sequence-numbers': codec.wrap_array(
      schedule(ground, targetOf(entity), messages),
      ARRAY_OF.long,
      undefined,
    ),
  };
}

function peeked({ ground, entity, body }: Request): Plain | undefined {
  const session = body['session-id'];
  const rows = peek(
    ground,
    entity.number,
    numberOf(body['from-sequence-number']),
    numberOf(body['message-count']),
    typeof session === 'string' ? session : undefined,
  );
  return rows.length === 0
    ? undefined
    : { messages: rows.map((row) => ({ message: outgoing(row, row.lockedUntil) })) };
}

function received(request: Request): Plain {
  const { ground, body } = request;
  const mailbox = mailboxOf(request.entity);
  const session = mailbox.requiresSession ? heldSession(request) : undefined;
  if (session !== undefined) mustHold(ground, mailbox, session);
  const mode = Number(body['receiver-settle-mode']) === 0 ? 'receiveAndDelete' : 'peekLock';
  return {
    messages: takeDeferred(ground, mailbox, numbersOf(body['sequence-numbers']), mode, session).map(
      ({ row, lock, lockedUntil }) => ({
        message: outgoing(row, lockedUntil),
        ...(lock !== undefined && { 'lock-token': codec.wrap_uuid(lock) }),
      }),
    ),
  };
}

function sessionsListed({ ground, entity, body }: Request): Plain | undefined {
  const after = body['last-updated-time'] instanceof Date ? body['last-updated-time'].getTime() : END_OF_TIME;
  const [skip, top] = [Number(body['skip'] ?? 0), Number(body['top'] ?? 100)];
  const ids = listSessions(ground, mailboxOf(entity), after >= END_OF_TIME ? undefined : after, skip, top);
  return ids.length === 0 ? undefined : { skip: codec.wrap_int(skip + ids.length), 'sessions-ids': ids };
}

function settled({ ground, entity, body }: Request): Plain {
  const outcome = outcomeOf(body);
  for (const lock of locksOf(body)) settle(ground, mailboxOf(entity), lock, outcome);
  return NOTHING;
}

function outcomeOf(body: Plain): Outcome {
  const properties = plainMap(body['properties-to-modify']);
  const status = String(body['disposition-status']);
  switch (status) {
    case 'completed':
      return { kind: 'complete' };
    case 'abandoned':
      return { kind: 'abandon', properties };
    case 'defered':
      return { kind: 'defer', properties };
    case 'suspended': {
      const [reason, description] = [body['deadletter-reason'], body['deadletter-description']];
      return {
        kind: 'deadLetter',
        properties: {
          ...properties,
          ...(reason !== undefined && { DeadLetterReason: reason }),
          ...(description !== undefined && { DeadLetterErrorDescription: description }),
        },
      };
    }
    default:
      throw new Failure('com.microsoft:argument-error', `'${status}' is no disposition.`);
  }
}

function mailboxOf(entity: Entity): Mailbox {
  if (entity.kind === 'topic')
    throw new Failure(
      'amqp:not-allowed',
      `'${entity.address}' is a topic: messages are received from its subscriptions.`,
    );
  return entity;
}

function subscriptionOf(entity: Entity): Mailbox {
  if (entity.kind !== 'subscription')
    throw new Failure('amqp:not-allowed', `'${entity.address}' is no subscription and has no rules.`);
  return entity;
}

function heldSession({ body, sessions }: Request): HeldSession {
  const id = body['session-id'];
  const held = sessions.find((session) => session.id === id);
  if (held === undefined) throw sessionLockLost(String(id));
  return held;
}

/** Numbers that are too large for AMQP's reader come as bytes. */
const numberOf = (value: unknown): number =>
  Buffer.isBuffer(value) ? Number(value.readBigInt64BE()) : Number(value);

const numbersOf = (values: unknown): number[] => (Array.isArray(values) ? values.map(numberOf) : []);

const locksOf = (body: Plain): Buffer[] =>
  Array.isArray(body['lock-tokens']) ? body['lock-tokens'].filter((lock) => Buffer.isBuffer(lock)) : [];
