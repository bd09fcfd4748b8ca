// A simulator with a receiver: a callback address that gets the events of every job.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { CosmosClient, type Database } from '@azure/cosmos';
import type { LocalOptions } from '../../local/start-lifeboat.ts';
import type { Simulator } from '../../simulator/simulator.ts';
import type { CloudEvent } from '../../shared/delivery/cloudEvent.ts';
import { assertDocumentedEvents } from './documented-events.ts';
import { makeCallbackDocument } from './job-documents.ts';
import type { Job } from './lifeboat-client.ts';
import { secretOf, startReceiver, type Receiver } from './receiver.ts';
import { configureProcessAsApp } from './simulated-store.ts';
import { startTestEnvironment, type TestEnvironment } from './test-environment.ts';

export const CALLBACK_KEYS = [
  { id: 'k2', secret: secretOf('the newer secret of the test') },
  { id: 'k1', secret: secretOf('the older secret of the test') },
] as const;

const keysSetting = (keys: readonly { readonly id: string; readonly secret: string }[]): string =>
  keys.map(({ id, secret }) => `${id}=${secret}`).join(',');

export interface EventEnvironment extends TestEnvironment {
  readonly receiver: Receiver;
  /** Returns every event of the job up to its end, once the receiver has accepted the last one. */
  waitForJobEvents(jobId: string): Promise<readonly CloudEvent[]>;
  stop(): Promise<void>;
}

/** The app's database, as a person in Azure opens it. */
export function openDatabase(simulator: Simulator): Database {
  const getToken = async () => ({
    token: await simulator.token('lifeboat', 'https://cosmos.azure.com'),
    expiresOnTimestamp: Date.now() + 3_600_000,
  });
  // A process may use several simulators, and each has its own authority with the same name.
  const agent = new Agent({ ca: readFileSync(simulator.addresses.caFile) });
  return new CosmosClient({
    endpoint: simulator.addresses.cosmos,
    aadCredentials: { getToken },
    connectionPolicy: { enableEndpointDiscovery: false },
    agent,
  }).database('lifeboat');
}

/** `others`: further allowed addresses. */
export async function startEventEnvironment(
  vms: number | readonly string[],
  options: Partial<LocalOptions> = {},
  otherCallbacks: readonly string[] = [],
): Promise<EventEnvironment> {
  const receiver = await startReceiver();
  const env = {
    LIFEBOAT_CALLBACKS: [receiver.allowListEntry, ...otherCallbacks].join(','),
    LIFEBOAT_CALLBACK_KEYS: keysSetting(CALLBACK_KEYS),
    LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: '0.3',
    ...options.env,
  };
  const environment = await startTestEnvironment(vms, { ...options, env });
  configureProcessAsApp(environment.simulator.addresses, environment.simulator.data, env);
  await openDatabase(environment.simulator)
    .container('settings')
    .items.create(makeCallbackDocument(receiver.url, ...CALLBACK_KEYS.map(({ id }) => id)));
  return {
    ...environment,
    receiver,
    waitForJobEvents: (jobId) =>
      environment.lifeboat.waitFor(() => {
        const events = receiver.acceptedEvents(jobId);
        return Promise.resolve(
          events.some((event) => event.type === 'lifeboat.job.ended') ? events : undefined,
        );
      }, `the event that job ${jobId} has ended`),
    async stop() {
      await environment.simulator.stop();
      await receiver.close();
    },
  };
}

/** Each event once: a duplicate must be the same event again. */
export function distinctEvents(events: readonly CloudEvent[]): readonly CloudEvent[] {
  const known = new Map<string, CloudEvent>();
  for (const event of events) {
    const first = known.get(event.id);
    if (first) assert.deepEqual(event, first);
    else known.set(event.id, event);
  }
  return [...known.values()];
}

/** Checks the events of an ended job, whatever happened during their delivery. */
export function assertCompleteEvents(job: Job, events: readonly CloudEvent[]): void {
  const uniqueEvents = distinctEvents(events);
  assertDocumentedEvents(uniqueEvents);
  assert.deepEqual(
    uniqueEvents.map((event) => event.data['number']),
    uniqueEvents.map((_, i) => i + 1),
  );
  assert.deepEqual(
    uniqueEvents.map((event) => event.sequence),
    uniqueEvents.map((_, i) => String(i + 1).padStart(10, '0')),
  );
  const [first, last] = [uniqueEvents[0], uniqueEvents.at(-1)];
  assert.deepEqual([first?.type, first?.subject], ['lifeboat.job.accepted', job.id]);
  assert.deepEqual(
    [last?.type, last?.subject, last?.data['state']],
    ['lifeboat.job.ended', job.id, job.state],
  );
  assert.equal(uniqueEvents.filter((event) => event.type === 'lifeboat.job.running').length, job.epoch);
  for (const step of job.steps) {
    const stepEvents = uniqueEvents
      .filter((event) => event.data['target'] === step.target && event.data['phase'] === step.phase)
      .map((event) => event.type);
    assert.deepEqual(
      stepEvents.filter((type) => type === 'lifeboat.step.ended'),
      ['lifeboat.step.ended'],
    );
    assert.equal(stepEvents.at(-1), 'lifeboat.step.ended');
  }
}
