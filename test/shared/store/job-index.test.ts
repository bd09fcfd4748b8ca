// The list of jobs follows the jobs: written late, lost or left behind, it is brought up to them, and never goes back.
import { repairSummaries } from '../../../shared/jobs/summaries.ts';
import { batch, read, type Stored } from '../../../shared/store/cosmos.ts';
import { SCHEMA, type JobDocument, type JobSummaryDocument } from '../../../shared/store/documents.ts';
import { indexJob, jobsOfMonth, monthOf } from '../../../shared/store/jobIndex.ts';
import { createJob, readJob, saveJob, unfinishedJobs } from '../../../shared/store/jobs.ts';
import { jobOf as acceptedJob } from '../../support/job-documents.ts';
import { storeOnDesk, type StoreOnDesk } from '../../support/store-on-desk.ts';

let store: StoreOnDesk;
beforeAll(async () => {
  store = await storeOnDesk(3);
});
afterAll(() => store.close());

const at = (minute: number): string => new Date(Date.parse('2026-01-05T08:00:00Z') + minute * 60_000).toISOString();
const jobOf = (jobId: string, minute = 0): JobDocument => acceptedJob(jobId, at(minute));
const summary = (jobId: string): Promise<Stored<JobSummaryDocument> | undefined> => read<JobSummaryDocument>('jobIndex', jobId, monthOf(at(0)));

async function moved(jobId: string, change: Partial<JobDocument>): Promise<JobDocument> {
  const job = await readJob(jobId);
  if (!job || !(await saveJob(job, change, [], new Date(at(1))))) throw new Error('Not saved.');
  return (await readJob(jobId)) ?? job;
}

test('[JOB-1] a summary that is missing is written, one that is behind is brought up, and one that is right is left alone', async () => {
  await createJob(jobOf('job-1'));
  expect(await repairSummaries(await unfinishedJobs())).toBe(1);
  expect(await summary('job-1')).toMatchObject({ state: 'accepted', operation: 'failover', vms: 2, ticket: 'CHG-1', requestedBy: { name: 'ada' }, month: '2026-01' });
  await moved('job-1', { state: 'running', run: 'r', startedAt: at(1) });
  expect(await repairSummaries(await unfinishedJobs())).toBe(1);
  expect(await summary('job-1')).toMatchObject({ state: 'running', startedAt: at(1) });
  expect(await repairSummaries(await unfinishedJobs())).toBe(0);
  // It ends, and whoever ended it dies before the summary says so: no list of unfinished jobs shows it any more.
  await moved('job-1', { state: 'completedWithExceptions', exceptionCount: 3, endedAt: at(9) });
  expect(await unfinishedJobs()).toEqual([]);
  expect(await repairSummaries([])).toBe(1);
  expect(await summary('job-1')).toMatchObject({ state: 'completedWithExceptions', exceptions: 3, endedAt: at(9) });
  expect(await repairSummaries([])).toBe(0);
});

test('[JOB-1] a slow writer does not take a summary back', async () => {
  await createJob(jobOf('job-2'));
  const accepted = await moved('job-2', { repairedAt: at(1), epoch: 2 });
  const ended = await moved('job-2', { state: 'failed', endedAt: at(2) });
  expect(await indexJob(ended)).toBe(true);
  expect(await indexJob(accepted)).toBe(false);
  expect(await indexJob(ended)).toBe(false);
  expect(await summary('job-2')).toMatchObject({ state: 'failed', epoch: 2 });
});

test('[JOB-1] twenty writers at once leave the newest', async () => {
  const states = [jobOf('job-3'), { ...jobOf('job-3'), state: 'running' as const }, { ...jobOf('job-3'), state: 'completed' as const }];
  await Promise.all(Array.from({ length: 20 }, (_, i) => indexJob(states[i % 3] ?? jobOf('job-3'))));
  await indexJob({ ...jobOf('job-3'), state: 'completed' });
  expect(await summary('job-3')).toMatchObject({ state: 'completed' });
});

test('[JOB-1] the jobs of a month, newest first, page by page', async () => {
  const month = '2026-02';
  const february = (i: number): JobSummaryDocument => ({
    id: `job-f${i}`, type: 'jobSummary', schema: SCHEMA, month, epoch: 1, state: 'completed', operation: 'commit', vms: 1, requestedBy: { id: 'c', name: 'ada', door: 'rest' }, ticket: null,
    acceptedAt: new Date(Date.UTC(2026, 1, 1, 0, i)).toISOString(), startedAt: null, endedAt: null, exceptions: 0, error: null,
  });
  await batch('jobIndex', month, Array.from({ length: 25 }, (_, i) => ({ create: february(i) })));
  const seen: string[] = [];
  for (let token: string | undefined | null = undefined; token !== null;) {
    const { items, next } = await jobsOfMonth(month, 10, token);
    seen.push(...items.map(({ id }) => id));
    token = next;
  }
  expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => `job-f${24 - i}`));
});
