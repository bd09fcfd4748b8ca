// A simulator for the fuzz: a shop with more VMs, a receiver, and keys for all routes. Simulated
// time stands still except when the fuzz advances it, so only requests change the state.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServiceBusClient } from '@azure/service-bus';
import { startLifeboat } from '../../local/start-lifeboat.ts';
import { serviceBusConnection, type Simulator } from '../../simulator/simulator.ts';
import { ALERT_KEYS } from '../support/alert-environment.ts';
import { advanceClock } from '../support/advance-clock.ts';
import { CALLBACK_KEYS } from '../support/event-environment.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { configureProcessAsApp } from '../support/simulated-store.ts';
import { StoredState, type Snapshot } from './stored-state.ts';
import {
  makeFuzzEnvironment,
  readKnownState,
  valuesByProperty,
  objectIdOf,
  type KnownState,
} from './known-state.ts';
import { RawClient, type RawAnswer, type RawRequest } from './raw-client.ts';

const PARTICIPANT = 'fuzz';
export const QUEUE = 'dr-commands';
const QUEUES = [{ queue: QUEUE, callerId: objectIdOf('operator'), name: 'ticketing', role: 'Operator' }];
const keysSetting = (keys: readonly { readonly id: string; readonly secret: string }[]): string =>
  keys.map(({ id, secret }) => `${id}=${secret}`).join(',');
export const ENVIRONMENT = makeFuzzEnvironment();

export class FuzzEnvironment {
  readonly simulator: Simulator;
  readonly receiver: Receiver;
  readonly storedState: StoredState;
  readonly bus: ServiceBusClient;
  /** No caller may ever read one of these. */
  readonly secrets: readonly string[];
  readonly #wire: RawClient;
  readonly #tokens = new Map<string, Promise<string>>();

  constructor(simulator: Simulator, receiver: Receiver) {
    this.simulator = simulator;
    this.receiver = receiver;
    this.storedState = new StoredState(simulator.data);
    this.bus = new ServiceBusClient(serviceBusConnection(simulator.data, simulator.addresses));
    this.secrets = secretsOf(simulator.data);
    this.#wire = new RawClient(() => simulator.host.url);
  }

  token(who: string): Promise<string> {
    const token = this.#tokens.get(who) ?? this.simulator.token(who);
    this.#tokens.set(who, token);
    return token;
  }

  send(sent: RawRequest): Promise<RawAnswer> {
    return this.#wire.send(sent);
  }

  async get(address: string): Promise<RawAnswer> {
    return this.send({
      method: 'GET',
      address,
      headers: { authorization: `Bearer ${await this.token('reader')}` },
    });
  }

  readKnownState(): KnownState {
    return readKnownState(this.storedState);
  }

  valuesByProperty(now: KnownState): Readonly<Record<string, readonly unknown[]>> {
    return valuesByProperty(ENVIRONMENT, now, new URL(this.receiver.url).origin);
  }

  takeSnapshot(): Snapshot {
    return this.storedState.takeSnapshot();
  }

  advanceSeconds(seconds: number): Promise<Date> {
    return advanceClock(this.simulator.addresses.clock, PARTICIPANT, seconds * 1000);
  }

  /** Resolves when the app has no more work. */
  waitUntilIdle(): Promise<Date> {
    return advanceClock(this.simulator.addresses.clock, PARTICIPANT, 1);
  }

  async stop(): Promise<void> {
    this.storedState.close();
    await this.bus.close();
    await this.simulator.stop();
    await this.receiver.close();
  }
}

function secretsOf(data: string): readonly string[] {
  const read = (file: string): string[] =>
    [...readFileSync(join(data, file), 'utf8').matchAll(/:\s*"([^"]{20,})"/g)].map(([, text = '']) => text);
  const ofKeys = [...CALLBACK_KEYS, ...ALERT_KEYS].flatMap(({ secret }) => [
    secret,
    secret.replace('whsec_', ''),
    Buffer.from(secret.replace('whsec_', ''), 'base64').toString(),
  ]);
  return [...new Set([...ofKeys, ...read('identity.json'), ...read('servicebus-keys.json')])];
}

const REGISTRY_SECONDS = 90;

export async function startFuzzEnvironment(): Promise<FuzzEnvironment> {
  const receiver = await startReceiver();
  const env = {
    LIFEBOAT_CALLBACKS: receiver.allowListEntry,
    LIFEBOAT_CALLBACK_KEYS: keysSetting(CALLBACK_KEYS),
    LIFEBOAT_ALERT_KEYS: keysSetting(ALERT_KEYS),
    LIFEBOAT_ALERT_STALE_MINUTES: '14400',
    LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: '1',
    LIFEBOAT_QUEUES: JSON.stringify(QUEUES),
    LIFEBOAT_QUEUE_PAUSE_SECONDS: '0.05',
    LIFEBOAT_SEND_TIMEOUT_SECONDS: '1',
    LIFEBOAT_DELIVERY_GIVE_UP_HOURS: '0.01',
  };
  const simulator = await startLifeboat({
    clock: 'jumping',
    participants: ['host', PARTICIPANT],
    environment: ENVIRONMENT,
    env,
  });
  configureProcessAsApp(simulator.addresses, simulator.data, env);
  // The hourly read limit of Azure is not a subject of this test.
  await simulator.arm.budgets({ reads: { burst: 100_000, perSecond: 1000 } });
  const environment = new FuzzEnvironment(simulator, receiver);
  await environment.advanceSeconds(REGISTRY_SECONDS);
  return environment;
}
