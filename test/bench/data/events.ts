// Counts the requests to Cosmos DB that the events of a job cost. The relay numbers and delivers
// the events, and it polls once each minute.

import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { createDocument } from '../../../shared/store/cosmos.ts';
import type { JobDocument } from '../../../shared/journal/documents.ts';
import { createJob, readJob, saveJob } from '../../../shared/journal/job.ts';
import { saveStep } from '../../../shared/journal/saveStep.ts';
import { createSteps, listSteps } from '../../../shared/journal/steps.ts';
import { relayAll, relayJob } from '../../../shared/delivery/relay.ts';
import { makeCallbackDocument, makeJobDocument, makeStepDocument } from '../../support/job-documents.ts';
import { startReceiver } from '../../support/receiver.ts';
import { startSimulatedStore } from '../../support/simulated-store.ts';

const KEY = Buffer.alloc(32, 'bench').toString('base64');
const NOW = new Date('2026-01-05T08:00:00Z');
/** Jobs with a receiver that does not answer. */
const WAITING_JOBS = 20;
const LATER = '2026-01-05T08:10:00Z';

interface Row extends Record<string, unknown> {
  readonly what: string;
  readonly requests: number;
  readonly events: number;
  readonly requestsPerEvent: number;
  readonly milliseconds: number;
}

let requests = 0;

export async function measureEvents({ quick }: { quick: boolean }): Promise<Row[]> {
  const receiver = await startReceiver();
  const store = await startSimulatedStore(3, {
    LIFEBOAT_CALLBACKS: receiver.allowListEntry,
    LIFEBOAT_CALLBACK_KEYS: `k=whsec_${KEY}`,
  });
  const { host } = new URL(store.addresses.cosmos);
  subscribe('http.client.request.start', (message) => {
    if ((message as { request: ClientRequest }).request.getHeader('host') === host) requests += 1;
  });
  try {
    await createDocument('settings', makeCallbackDocument(receiver.url, 'k'));
    const rows: Row[] = [];
    // The first job opens connections, so the table leaves it out.
    for (const [index, vms] of [1, 1, 10, quick ? 50 : 100].entries()) {
      const jobId = `job-${index}`;
      const all = await measureRow(
        `the news of a job of ${vms} VM, all told to the topic and one address once it has ended`,
        () => receiver.acceptedEvents(jobId).length,
        async () => {
          await writeJobChanges(jobId, vms);
          const before = requests;
          await relayJob(jobId);
          return before;
        },
      );
      if (index > 0) rows.push(all);
    }
    rows.push(
      await measureRow(
        'the same of 1 VM, told as each change happens',
        () => receiver.acceptedEvents('job-stepwise').length,
        async () => {
          let own = 0;
          await writeJobChanges('job-stepwise', 1, async () => {
            const before = requests;
            await relayJob('job-stepwise');
            own += requests - before;
          });
          return requests - own;
        },
      ),
    );
    rows.push(
      await measureRow(
        'the look of each minute, when nothing waits',
        () => 0,
        async () => {
          const before = requests;
          await relayAll(() => undefined);
          return before;
        },
      ),
    );
    receiver.respondWith(() => ({ status: 503 }));
    for (let job = 0; job < WAITING_JOBS; job += 1) {
      await createJob(makeJobDocument(`job-waiting-${job}`, NOW.toISOString()));
      await relayJob(`job-waiting-${job}`);
    }
    rows.push(
      await measureRow(
        `the same, while ${WAITING_JOBS} jobs wait for a receiver that is down`,
        () => 0,
        async () => {
          const before = requests;
          await relayAll(() => undefined);
          return before;
        },
      ),
    );
    return rows;
  } finally {
    await store.close();
    await receiver.close();
  }
}

/** `act` returns how many requests came before the measured ones. */
async function measureRow(what: string, countEvents: () => number, act: () => Promise<number>): Promise<Row> {
  const start = performance.now();
  const before = await act();
  const events = countEvents();
  const taken = requests - before;
  return {
    what,
    requests: taken,
    events,
    requestsPerEvent: events === 0 ? 0 : Math.round((taken / events) * 10) / 10,
    milliseconds: Math.round(performance.now() - start),
  };
}

/** Writes a job as its store sees it: accepted, begun, each VM started and ended, the job ended. */
async function writeJobChanges(
  jobId: string,
  vms: number,
  onChange: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  await createJob(makeJobDocument(jobId, NOW.toISOString()));
  await onChange();
  await saveJobChange(jobId, { state: 'running', run: 'r', startedAt: NOW.toISOString() });
  await createSteps(
    jobId,
    Array.from({ length: vms }, (_, vm) => makeStepDocument(jobId, `vm-${vm}`)),
  );
  await onChange();
  for (const step of await listSteps(jobId)) {
    const started = await saveStep(step, { step: { state: 'started', armJobId: `arm-${step.id}` } }, NOW);
    await onChange();
    const settling = started && (await saveStep(started, { step: { state: 'settling' } }, NOW));
    if (!settling || !(await saveStep(settling, { step: { state: 'succeeded', endedAt: LATER } }, NOW)))
      throw new Error('A step was not saved.');
    await onChange();
  }
  await saveJobChange(jobId, { state: 'completed', endedAt: LATER });
  await onChange();
}

async function saveJobChange(jobId: string, change: Partial<JobDocument>): Promise<void> {
  const job = await readJob(jobId);
  if (!job || !(await saveJob(job, change, [], NOW))) throw new Error('The job was not saved.');
}
