// One summary per job, for lists. It follows the job: written after the job itself, and written
// again whenever it is found behind.
import * as z from 'zod';
import { isOnPlan } from '../commands/command.ts';
import { groupsOf } from '../plans/rules/order.ts';
import { withoutVms } from '../plans/rules/without.ts';
import type { Operation } from '../core/words.ts';
import { JobState, isFinalJob } from '../core/states/job.ts';
import {
  batch,
  create,
  page,
  query,
  read,
  type Page,
  type PagedQuestion,
  type Stored,
} from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';
import type { JobDocument, JobSummaryDocument } from './documents.ts';
import { IS_OPEN } from './job.ts';
import { readPlanVersion } from '../plans/store.ts';
import { readToken, writeToken, wrongToken } from '../store/tokens.ts';

const INDEX = 'jobIndex';
const MOST_TRIES = 5;

export const monthOf = (time: string): string => time.slice(0, 7);

const summaryOf = (job: JobDocument, targets: readonly string[]): JobSummaryDocument => ({
  id: job.jobId,
  type: 'jobSummary',
  schema: SCHEMA,
  month: monthOf(job.acceptedAt),
  epoch: job.epoch,
  state: job.state,
  operation: job.command.operation,
  vms: job.vmCount,
  targets,
  plan: job.plan,
  requestedBy: { id: job.caller.id, name: job.caller.name, door: job.caller.door },
  ticket: job.command.ticket ?? null,
  acceptedAt: job.acceptedAt,
  startedAt: job.startedAt,
  endedAt: job.endedAt,
  exceptions: job.exceptionCount,
  error: job.error?.code ?? null,
});

/** VMs by Lifeboat's id, those to be replicated by their ARM id; of a plan's run those that it is for. */
async function targetsOf({ command, plan }: JobDocument): Promise<readonly string[]> {
  if ('vms' in command) return command.vms.map((vm) => (typeof vm === 'string' ? vm : vm.id.toLowerCase()));
  const version =
    isOnPlan(command) && plan !== null ? await readPlanVersion(plan.id, plan.version) : undefined;
  return version && isOnPlan(command)
    ? [
        ...new Set(
          groupsOf(withoutVms(version.plan, command.exclude), command.operation).flatMap(({ vms }) => vms),
        ),
      ]
    : [];
}

/** How far the job has come; a summary never goes back, however late a slow writer is. */
const progress = ({ state, epoch }: Pick<JobDocument, 'state' | 'epoch'>): number =>
  3 * epoch + (isFinalJob(state) ? 2 : state === JobState.running ? 1 : 0);

/** Whether the job has gone on since its summary was written. */
export const isBehind = (summary: JobSummaryDocument | undefined, job: JobDocument): boolean =>
  !summary || progress(summary) < progress(job);

/** True when the summary had to be written. */
export async function indexJob(job: JobDocument): Promise<boolean> {
  for (let tried = 0; tried < MOST_TRIES; tried++) {
    const known = await read<JobSummaryDocument>(INDEX, job.jobId, monthOf(job.acceptedAt));
    if (!isBehind(known, job)) return false;
    // Who it is for never changes.
    const summary = summaryOf(job, known && known.targets.length > 0 ? known.targets : await targetsOf(job));
    const written = known
      ? await batch(INDEX, summary.month, [{ replace: summary, etag: known._etag }])
      : await create(INDEX, summary);
    if (written) return true;
  }
  return false;
}

/** Summaries that say the job goes on: true of it, or left behind by it. */
export const unfinishedSummaries = (): Promise<Stored<JobSummaryDocument>[]> =>
  query<JobSummaryDocument>(INDEX, { where: `c.type = 'jobSummary' AND ${IS_OPEN}` });

/** What is looked for; whatever is left out may be anything. */
export interface JobFilter {
  readonly state?: readonly JobState[] | undefined;
  readonly operation?: readonly Operation[] | undefined;
  /** As in a summary's targets. */
  readonly vm?: string | undefined;
  readonly plan?: string | undefined;
  readonly ticket?: string | undefined;
  /** Who asked, by id or by name. */
  readonly caller?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** A summary without the names of its VMs, which may be thousands. */
export type ListedJob = Omit<JobSummaryDocument, 'targets'>;
const LISTED = [
  'id',
  'type',
  'schema',
  'month',
  'epoch',
  'state',
  'operation',
  'vms',
  'plan',
  'requestedBy',
  'ticket',
  'acceptedAt',
  'startedAt',
  'endedAt',
  'exceptions',
  'error',
] as const satisfies readonly (keyof ListedJob)[];

const CONDITIONS: Readonly<Record<keyof JobFilter, string>> = {
  state: 'ARRAY_CONTAINS(@state, c.state)',
  operation: 'ARRAY_CONTAINS(@operation, c.operation)',
  vm: 'ARRAY_CONTAINS(c.targets, @vm)',
  plan: 'c.plan.id = @plan',
  ticket: 'c.ticket = @ticket',
  caller: '(c.requestedBy.id = @caller OR c.requestedBy.name = @caller)',
  since: 'c.acceptedAt >= @since',
  until: 'c.acceptedAt < @until',
};

function questionOf(filter: JobFilter, month: string): PagedQuestion {
  const parameters = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
  const conditions = Object.keys(parameters).map((key) => CONDITIONS[key as keyof JobFilter]);
  return {
    where: ["c.type = 'jobSummary'", ...conditions].join(' AND '),
    parameters,
    order: 'c.acceptedAt DESC',
    partition: { key: 'month', value: month },
    fields: LISTED,
  };
}

/**
 * So many months are looked through for one page; a page may hold less than was asked for, and only
 * `next` says whether there is more.
 */
const MOST_LOOKS = 24;

/** Jobs that fit, the newest first, month after month. */
export async function listJobs(
  filter: JobFilter,
  size: number,
  now: Date,
  token?: string,
): Promise<Page<ListedJob>> {
  const oldest = [filter.since ? monthOf(filter.since) : '', await oldestMonth()].toSorted().at(-1) ?? '';
  const newest = [filter.until ?? '', now.toISOString()].filter((time) => time !== '').toSorted()[0] ?? '';
  let at: Place = token === undefined ? { month: monthOf(newest), inner: null } : placeOf(filter, token);
  if (at.month > monthOf(newest)) throw wrongToken();
  const items: Stored<ListedJob>[] = [];
  for (let looks = 0; at.month >= oldest; looks++) {
    if (items.length >= size || looks >= MOST_LOOKS)
      return { items, next: writeToken(filter, JSON.stringify(at)) };
    const found: Page<ListedJob> = await page<ListedJob>(
      INDEX,
      questionOf(filter, at.month),
      size - items.length,
      at.inner ?? undefined,
    );
    items.push(...found.items);
    at =
      found.next === null
        ? { month: monthBefore(at.month), inner: null }
        : { month: at.month, inner: found.next };
  }
  return { items, next: null };
}

/** Where a list goes on: a month, and the place in it. */
const Place = z.strictObject({ month: z.string().regex(/^\d{4}-\d{2}$/), inner: z.string().nullable() });
type Place = z.infer<typeof Place>;

function placeOf(filter: JobFilter, token: string): Place {
  const text = readToken(filter, token);
  try {
    return Place.parse(JSON.parse(text));
  } catch {
    throw wrongToken();
  }
}

const monthBefore = (month: string): string =>
  new Date(Date.parse(`${month}-01T00:00:00Z`) - 1).toISOString().slice(0, 7);

let firstMonth: string | undefined;

/** The month of the first job of all; once there is one, it stays the first. */
async function oldestMonth(): Promise<string> {
  const [first] =
    firstMonth === undefined
      ? await query<ListedJob>(INDEX, {
          where: "c.type = 'jobSummary'",
          order: 'c.month',
          most: 1,
          fields: LISTED,
        })
      : [];
  firstMonth ??= first?.month;
  return firstMonth ?? '9999-12';
}
