// Finds out who uses a plan or a vault. `removePlan.ts` and `removeVault.ts` call this module.
import { rejected } from '../core/errors.ts';
import { isFinalJobState } from '../core/states/job.ts';
import type { JobSummaryDocument } from '../journal/documents.ts';
import { readJob } from '../journal/job.ts';
import { listUnfinishedSummaries } from '../journal/jobSummaries.ts';

/** The ids of the users, by kind. */
export type Users = Readonly<Record<string, readonly string[]>>;

const KIND_TEXTS: Readonly<Record<string, string>> = {
  jobs: 'open jobs',
  schedules: 'schedules',
  alertRules: 'alert rules',
  plans: 'plans',
};
const MAX_NAMED = 10;

/** Throws 409 with each user by name. */
export function assertUnused(code: 'PlanInUse' | 'VaultInUse', name: string, users: Users): void {
  const used = Object.entries(users).filter(([, ids]) => ids.length > 0);
  if (used.length === 0) return;
  const texts = used.map(([kind, ids]) => {
    const more = ids.length > MAX_NAMED ? ` and ${ids.length - MAX_NAMED} more` : '';
    return `${KIND_TEXTS[kind] ?? kind}: ${ids.slice(0, MAX_NAMED).join(', ')}${more}`;
  });
  throw rejected(
    409,
    code,
    `Others use ${name}: ${texts.join('; ')}. Nothing was changed. Wait for the jobs or cancel them, and ` +
      'remove or change the others first.',
    Object.fromEntries(used),
  );
}

/** The ids of the open jobs that match. A summary can be late, so the job itself decides. */
export async function findOpenJobs(
  matches: (job: JobSummaryDocument) => boolean,
): Promise<readonly string[]> {
  const candidates = (await listUnfinishedSummaries()).filter(matches);
  const jobs = await Promise.all(candidates.map(({ id }) => readJob(id)));
  return jobs.flatMap((job) => (job && !isFinalJobState(job.state) ? [job.jobId] : []));
}
