// The sweep checks each job, whatever the durable client answers about the others.
import { releaseIfEnded } from '../../../shared/runs/lockTargets.ts';
import { sweep, type Orchestrations } from '../../../shared/jobs/sweep.ts';
import { saveJobSummary } from '../../../shared/journal/jobSummaries.ts';
import { createJob, readJob } from '../../../shared/journal/job.ts';
import { readLocksOf, createLocks } from '../../../shared/replications/registry.ts';
import { makeJobDocument } from '../../support/job-documents.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

const NOW = '2026-01-01T00:00:00.000Z';

let store: SimulatedStore;
beforeAll(async () => {
  store = await startSimulatedStore();
});
afterAll(() => store.close());

const jobNow = (jobId: string) => readJob(jobId);

/**
 * A durable client on which the first orchestrations of some jobs have ended. It records each
 * started orchestration.
 */
const orchestrationsWith = (gone: readonly string[]): Orchestrations & { readonly began: string[] } => {
  const began: string[] = [];
  return {
    began,
    state: (jobId, epoch) => Promise.resolve(gone.includes(jobId) && epoch === 1 ? 'ended' : 'alive'),
    start: (jobId, epoch) => {
      began.push(`${jobId}-${epoch}`);
      return Promise.resolve();
    },
  };
};

test('the sweep checks the others when one status request fails, and reports this [OP-8]', async () => {
  for (const jobId of ['silent', 'dead'])
    await createJob({ ...makeJobDocument(jobId, NOW), state: 'running', run: 'r' });
  const orchestrations = orchestrationsWith(['dead']);
  const warnings: string[] = [];
  const state: Orchestrations['state'] = (jobId, epoch) =>
    jobId === 'silent' ? Promise.reject(new Error('No answer.')) : orchestrations.state(jobId, epoch);
  const { repaired, indexed } = await sweep({ ...orchestrations, state }, (message) =>
    warnings.push(message),
  );
  expect([repaired, orchestrations.began, warnings]).toEqual([
    1,
    ['dead-2'],
    ['Job silent is left to the next sweep: No answer.'],
  ]);
  expect(indexed).toBeGreaterThan(0);
  expect(await jobNow('silent')).toMatchObject({ epoch: 1 });
});

test('the sweep raises the epoch only when two polls in a row miss the orchestration [OP-8]', async () => {
  await createJob({ ...makeJobDocument('unknown', NOW), state: 'running', run: 'r' });
  const orchestrations = orchestrationsWith([]);
  let answer: 'alive' | 'missing' = 'missing';
  const sweepOnce = async (seconds = 60): Promise<number> => {
    const { repaired } = await sweep(
      { ...orchestrations, state: (jobId) => Promise.resolve(jobId === 'unknown' ? answer : 'alive') },
      () => undefined,
    );
    await store.advance(seconds);
    return repaired;
  };
  expect(await sweepOnce()).toBe(0);
  answer = 'alive';
  expect(await sweepOnce()).toBe(0);
  expect(await jobNow('unknown')).toMatchObject({ walkMissingSince: null });
  answer = 'missing';
  // Two polls at the same time, such as those of two instances, count as one.
  expect([await sweepOnce(0), await sweepOnce(), await sweepOnce()]).toEqual([0, 0, 1]);
  expect(await jobNow('unknown')).toMatchObject({ epoch: 2, run: null, walkMissingSince: null });
});

test('the sweep checks the others when it cannot read one job, its lock or its summary [OP-8]', async () => {
  const NEWER = 999;
  await createJob({ ...makeJobDocument('newer', NOW), schema: NEWER, state: 'running', run: 'r' });
  // A newer Lifeboat has ended this job, and has died before it released the lock.
  await createJob({ ...makeJobDocument('newerEnded', NOW), schema: NEWER, state: 'completed' });
  await createLocks([{ vaultId: 'vault-1', targetId: 'vm-a' }], 'newerEnded', 1, new Date(NOW));
  await createJob({ ...makeJobDocument('zOver', NOW), state: 'completed' });
  await createLocks([{ vaultId: 'vault-1', targetId: 'vm-z' }], 'zOver', 1, new Date(NOW));
  await createJob({ ...makeJobDocument('zGone', NOW), state: 'running', run: 'r' });
  await saveJobSummary(makeJobDocument('newerEnded', NOW));
  const orchestrations = orchestrationsWith(['zGone']);
  const warnings: string[] = [];
  await sweep(orchestrations, (message) => warnings.push(message));
  expect(orchestrations.began).toEqual(['zGone-2']);
  expect((await readLocksOf('zOver')).length).toBe(0);
  const TOO_NEW = expect.stringContaining('by a newer Lifeboat') as string;
  expect(warnings.sort()).toEqual(Array.from({ length: warnings.length }, () => TOO_NEW));
  for (const start of [
    'Job newer is',
    'The release of locks of job newerEnded is',
    'The summary of job newerEnded is',
  ])
    expect(warnings.filter((text) => text.startsWith(start))).toHaveLength(1);
});

test('the sweep unlocks the VMs of ended jobs, and no others [OP-7]', async () => {
  await createJob({ ...makeJobDocument('over', NOW), state: 'completed' });
  await createJob({ ...makeJobDocument('runs', NOW), state: 'running', run: 'r' });
  for (const jobId of ['over', 'runs'])
    await createLocks([{ vaultId: 'vault-1', targetId: `vm-of-${jobId}` }], jobId, 1, new Date(NOW));
  await sweep(orchestrationsWith([]), () => undefined);
  // The sweep may meet a job that started after the sweep had listed the jobs.
  await releaseIfEnded('runs');
  expect([(await readLocksOf('over')).length, (await readLocksOf('runs')).length]).toEqual([0, 1]);
});
