// The list of jobs follows the jobs. A repair updates late, lost or old summaries, and a summary
// never goes back.
import { repairSummaries } from '../../../shared/jobs/repairSummaries.ts';
import { writeBatch, readDocument, type Page, type WithEtag } from '../../../shared/store/cosmos.ts';
import { SCHEMA_VERSION } from '../../../shared/store/schema.ts';
import type { JobDocument, JobSummaryDocument } from '../../../shared/journal/documents.ts';
import {
  saveJobSummary,
  listJobs,
  monthOf,
  type JobFilter,
  type ListedJob,
} from '../../../shared/journal/jobSummaries.ts';
import { createJob, readJob, saveJob, listUnfinishedJobs } from '../../../shared/journal/job.ts';
import { createContinuationToken } from '../../../shared/store/continuationTokens.ts';
import { makeJobDocument as acceptedJob } from '../../support/job-documents.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';
import { transitionJobTo } from '../../support/transitions.ts';

let store: SimulatedStore;
beforeAll(async () => {
  store = await startSimulatedStore(3);
});
afterAll(() => store.close());

const fail = (message: string): void => {
  throw new Error(message);
};
const at = (minute: number): string =>
  new Date(Date.parse('2026-01-05T08:00:00Z') + minute * 60_000).toISOString();
const jobOf = (jobId: string, minute = 0): JobDocument => acceptedJob(jobId, at(minute));
const summary = (jobId: string): Promise<WithEtag<JobSummaryDocument> | undefined> =>
  readDocument<JobSummaryDocument>('jobIndex', jobId, monthOf(at(0)));

async function moved(jobId: string, { state, ...change }: Partial<JobDocument>): Promise<JobDocument> {
  const job = await readJob(jobId);
  const now = new Date(at(1));
  const saved =
    job && (await (state ? transitionJobTo(job, { ...change, state }, now) : saveJob(job, change, [], now)));
  if (!saved) throw new Error('Not saved.');
  return (await readJob(jobId)) ?? job;
}

test('a repair writes missing or old summaries, and no others [JOB-1]', async () => {
  await createJob(jobOf('job-1'));
  expect(await repairSummaries(await listUnfinishedJobs(), fail)).toBe(1);
  expect(await summary('job-1')).toMatchObject({
    state: 'accepted',
    operation: 'failover',
    vms: 2,
    ticket: 'CHG-1',
    requestedBy: { name: 'ada' },
    month: '2026-01',
  });
  await moved('job-1', { state: 'running', run: 'r', startedAt: at(1) });
  expect(await repairSummaries(await listUnfinishedJobs(), fail)).toBe(1);
  expect(await summary('job-1')).toMatchObject({ state: 'running', startedAt: at(1) });
  expect(await repairSummaries(await listUnfinishedJobs(), fail)).toBe(0);
  // The job ends, and its process dies before it writes the summary. No list of unfinished jobs
  // contains the job any more.
  await moved('job-1', { state: 'completedWithExceptions', exceptionCount: 3, endedAt: at(9) });
  expect(await listUnfinishedJobs()).toEqual([]);
  expect(await repairSummaries([], fail)).toBe(1);
  expect(await summary('job-1')).toMatchObject({
    state: 'completedWithExceptions',
    exceptions: 3,
    endedAt: at(9),
  });
  expect(await repairSummaries([], fail)).toBe(0);
});

test('a slow writer does not move a summary back [JOB-1]', async () => {
  await createJob(jobOf('job-2'));
  const accepted = await moved('job-2', { repairedAt: at(1), epoch: 2 });
  await moved('job-2', { state: 'running' });
  const ended = await moved('job-2', { state: 'failed', endedAt: at(2) });
  expect(await saveJobSummary(ended)).toBe(true);
  expect(await saveJobSummary(accepted)).toBe(false);
  expect(await saveJobSummary(ended)).toBe(false);
  expect(await summary('job-2')).toMatchObject({ state: 'failed', epoch: 2 });
});

test('twenty writers at once leave the newest summary [JOB-1]', async () => {
  const states = [
    jobOf('job-3'),
    { ...jobOf('job-3'), state: 'running' as const },
    { ...jobOf('job-3'), state: 'completed' as const },
  ];
  await Promise.all(Array.from({ length: 20 }, (_, i) => saveJobSummary(states[i % 3] ?? jobOf('job-3'))));
  await saveJobSummary({ ...jobOf('job-3'), state: 'completed' });
  expect(await summary('job-3')).toMatchObject({ state: 'completed' });
});

describe('a list', () => {
  const NOW = new Date('2026-06-15T12:00:00Z');
  const listed = (i: number, month: number, own: Partial<JobSummaryDocument> = {}): JobSummaryDocument => {
    const acceptedAt = new Date(Date.UTC(2026, month, 1, 0, i)).toISOString();
    return {
      id: `job-m${month}-${i}`,
      type: 'jobSummary',
      schema: SCHEMA_VERSION,
      month: monthOf(acceptedAt),
      epoch: 1,
      state: 'completed',
      operation: 'commit',
      vms: 1,
      targets: ['vm-1'],
      plan: null,
      requestedBy: { id: 'c', name: 'ada', door: 'rest' },
      ticket: null,
      acceptedAt,
      startedAt: null,
      endedAt: null,
      exceptions: 0,
      error: null,
      ...own,
    };
  };
  const put = (...summaries: JobSummaryDocument[]) =>
    Promise.all(
      summaries.map((jobSummary) => writeBatch('jobIndex', jobSummary.month, [{ put: jobSummary }])),
    );
  async function ids(filter: JobFilter, size = 10, now = NOW): Promise<string[]> {
    const seen: string[] = [];
    for (let token: string | null | undefined = undefined; token !== null;) {
      const { items, next }: Page<ListedJob> = await listJobs(
        { since: '2026-02-01T00:00:00.000Z', ...filter },
        size,
        now,
        token,
      );
      expect(items.length).toBeLessThanOrEqual(size);
      seen.push(...items.map(({ id }) => id));
      token = next;
    }
    return seen;
  }

  beforeAll(async () => {
    await put(
      ...Array.from({ length: 25 }, (_, i) => listed(i, 1)),
      ...Array.from({ length: 7 }, (_, i) => listed(i, 4)),
    );
    await put(
      listed(50, 4, {
        state: 'failed',
        operation: 'failover',
        ticket: 'INC-9',
        requestedBy: { id: 'o', name: 'ben', door: 'queue' },
        targets: ['vm-2', '/subscriptions/s/vm'],
        plan: { id: 'shop', version: 3, name: 'Shop' },
      }),
    );
  });

  test('newest first, page by page, across months without jobs [JOB-1]', async () => {
    const all = [
      listed(50, 4).id,
      ...Array.from({ length: 7 }, (_, i) => listed(6 - i, 4).id),
      ...Array.from({ length: 25 }, (_, i) => listed(24 - i, 1).id),
    ];
    expect(await ids({}, 10)).toEqual(all);
    expect(await ids({}, 3)).toEqual(all);
    expect(await ids({}, 500)).toEqual(all);
    // Only the jobs of the first test are older.
    expect((await ids({ since: undefined }, 500)).slice(0, all.length)).toEqual(all);
  });

  test('by each filter, and by several filters [JOB-1]', async () => {
    const failed = [listed(50, 4).id];
    for (const filter of [
      { state: ['failed'] },
      { operation: ['failover'] },
      { vm: 'vm-2' },
      { vm: '/subscriptions/s/vm' },
      { plan: 'shop' },
      { ticket: 'INC-9' },
      { caller: 'ben' },
      { caller: 'o', state: ['failed', 'cancelled'] },
    ] satisfies JobFilter[]) {
      expect(await ids(filter)).toEqual(failed);
    }
    expect(await ids({ ticket: 'INC-9', caller: 'ada' })).toEqual([]);
    expect(await ids({ since: listed(5, 4).acceptedAt, until: listed(50, 4).acceptedAt })).toEqual([
      listed(6, 4).id,
      listed(5, 4).id,
    ]);
    expect(await ids({ until: listed(2, 1).acceptedAt })).toEqual([listed(1, 1).id, listed(0, 1).id]);
  });

  test('a token is valid for its own list, and for nothing else [JOB-1]', async () => {
    const { next } = await listJobs({ caller: 'ada' }, 2, NOW);
    expect(next).not.toBeNull();
    const token = next ?? '';
    await expect(listJobs({ caller: 'ben' }, 2, NOW, token)).rejects.toMatchObject({
      status: 400,
      code: 'ContinuationInvalid',
    });
    for (const wrong of [
      'x',
      `${token}x`,
      'e30',
      createContinuationToken({ caller: 'ada' }, 'no JSON'),
      createContinuationToken({ caller: 'ada' }, '{"month":"9999-01","inner":null}'),
    ]) {
      await expect(listJobs({ caller: 'ada' }, 2, NOW, wrong)).rejects.toMatchObject({
        code: 'ContinuationInvalid',
      });
    }
  });

  test('the list searches a long time without jobs in parts [JOB-1]', async () => {
    const { items, next } = await listJobs({}, 10, new Date('2030-01-01T00:00:00Z'));
    expect(items).toEqual([]);
    expect((await listJobs({}, 10, new Date('2030-01-01T00:00:00Z'), next ?? '')).items[0]?.id).toBe(
      listed(50, 4).id,
    );
  });
});
