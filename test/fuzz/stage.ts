// A simulator for the fuzz: a shop with more VMs, somebody who listens, keys for all doors. Story
// time stands still except when it is let go, so that nothing changes but what was asked for.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServiceBusClient } from '@azure/service-bus';
import { startLifeboat } from '../../local/lifeboat.ts';
import { serviceBusConnection, type Simulator } from '../../simulator/simulator.ts';
import { ALERT_KEYS } from '../support/alerting.ts';
import { letTimeGo } from '../support/held-clock.ts';
import { KEYS } from '../support/news.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { beTheApp } from '../support/simulated-store.ts';
import { Books, type Look } from './books.ts';
import { environment, known, namedIn, objectIdOf, type Known } from './names.ts';
import { Wire, type Answer, type Sent } from './wire.ts';

const PLAYER = 'fuzz';
export const QUEUE = 'dr-commands';
const QUEUES = [{ queue: QUEUE, callerId: objectIdOf('operator'), name: 'ticketing', role: 'Operator' }];
const list = (keys: readonly { readonly id: string; readonly secret: string }[]): string =>
  keys.map(({ id, secret }) => `${id}=${secret}`).join(',');
export const ENVIRONMENT = environment();

export class Stage {
  readonly simulator: Simulator;
  readonly receiver: Receiver;
  readonly books: Books;
  readonly bus: ServiceBusClient;
  /** Nobody outside may ever read one of them. */
  readonly secrets: readonly string[];
  readonly #wire: Wire;
  readonly #tokens = new Map<string, Promise<string>>();

  constructor(simulator: Simulator, receiver: Receiver) {
    this.simulator = simulator;
    this.receiver = receiver;
    this.books = new Books(simulator.data);
    this.bus = new ServiceBusClient(serviceBusConnection(simulator.data, simulator.addresses));
    this.secrets = secretsOf(simulator.data);
    this.#wire = new Wire(() => simulator.host.url);
  }

  token(who: string): Promise<string> {
    const kept = this.#tokens.get(who) ?? this.simulator.token(who);
    this.#tokens.set(who, kept);
    return kept;
  }

  send(sent: Sent): Promise<Answer> {
    return this.#wire.send(sent);
  }

  async get(address: string): Promise<Answer> {
    return this.send({
      method: 'GET',
      address,
      headers: { authorization: `Bearer ${await this.token('reader')}` },
    });
  }

  known(): Known {
    return known(this.books);
  }

  named(now: Known): Readonly<Record<string, readonly unknown[]>> {
    return namedIn(ENVIRONMENT, now, new URL(this.receiver.url).origin);
  }

  look(): Look {
    return this.books.look();
  }

  pass(seconds: number): Promise<Date> {
    return letTimeGo(this.simulator.addresses.clock, PLAYER, seconds * 1000);
  }

  /** Once nobody is at work any more. */
  quiet(): Promise<Date> {
    return letTimeGo(this.simulator.addresses.clock, PLAYER, 1);
  }

  async stop(): Promise<void> {
    this.books.close();
    await this.bus.close();
    await this.simulator.stop();
    await this.receiver.close();
  }
}

function secretsOf(data: string): readonly string[] {
  const read = (file: string): string[] =>
    [...readFileSync(join(data, file), 'utf8').matchAll(/:\s*"([^"]{20,})"/g)].map(([, text = '']) => text);
  const ofKeys = [...KEYS, ...ALERT_KEYS].flatMap(({ secret }) => [
    secret,
    secret.replace('whsec_', ''),
    Buffer.from(secret.replace('whsec_', ''), 'base64').toString(),
  ]);
  return [...new Set([...ofKeys, ...read('identity.json'), ...read('servicebus-keys.json')])];
}

const UNTIL_KNOWN = 90;

export async function stage(): Promise<Stage> {
  const receiver = await startReceiver();
  const env = {
    LIFEBOAT_CALLBACKS: receiver.entry,
    LIFEBOAT_CALLBACK_KEYS: list(KEYS),
    LIFEBOAT_ALERT_KEYS: list(ALERT_KEYS),
    LIFEBOAT_ALERT_STALE_MINUTES: '14400',
    LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: '1',
    LIFEBOAT_QUEUES: JSON.stringify(QUEUES),
    LIFEBOAT_QUEUE_PAUSE_SECONDS: '0.05',
    LIFEBOAT_SEND_TIMEOUT_SECONDS: '1',
    LIFEBOAT_NEWS_GIVE_UP_HOURS: '0.01',
  };
  const simulator = await startLifeboat({
    clock: 'jumping',
    participants: ['host', PLAYER],
    environment: ENVIRONMENT,
    env,
  });
  beTheApp(simulator.addresses, simulator.data, env);
  // How much one may read of Azure in an hour is another matter.
  await simulator.arm.budgets({ reads: { burst: 100_000, perSecond: 1000 } });
  const made = new Stage(simulator, receiver);
  await made.pass(UNTIL_KNOWN);
  return made;
}
