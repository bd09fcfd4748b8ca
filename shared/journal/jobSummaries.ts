// One summary per job, for lists. It follows the job: written after the job itself, and written
// again whenever it is found behind.
import * as z from 'zod';
import { isPlanCommand } from '../commands/command.ts';
import { groupsOfOperation } from '../plans/rules/buildGraph.ts';
import { withoutVms } from '../plans/rules/withoutVms.ts';
import type { Operation } from '../core/operations.ts';
import { JobState, isFinalJobState } from '../core/states/job.ts';
import {
  writeBatch,
  createDocument,
  queryPage,
  queryDocuments,
  readDocument,
  type Page,
  type PagedQuery,
  type WithEtag,
} from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { JobDocument, JobSummaryDocument } from './documents.ts';
import { OPEN_JOB_CONDITION } from './job.ts';
import { readPlanVersion } from '../plans/store.ts';
import {
  readContinuationToken,
  createContinuationToken,
  invalidContinuationToken,
} from '../store/continuationTokens.ts';

const INDEX = 'jobIndex';
const MAX_TRIES = 5;

export const monthOf = (time: string): string => time.slice(0, 7);

const summaryOf = (job: JobDocument, targets: readonly string[]): JobSummaryDocument => ({
  id: job.jobId,
  type: 'jobSummary',
  schema: SCHEMA_VERSION,
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
async function readTargets({ command, plan }: JobDocument): Promise<readonly string[]> {
  if ('vms' in command) return command.vms.map((vm) => (typeof vm === 'string' ? vm : vm.id.toLowerCase()));
  const version =
    isPlanCommand(command) && plan !== null ? await readPlanVersion(plan.id, plan.version) : undefined;
  return version && isPlanCommand(command)
    ? [
        ...new Set(
          groupsOfOperation(withoutVms(version.plan, command.exclude), command.operation).flatMap(
            ({ vms }) => vms,
          ),
        ),
      ]
    : [];
}

/** How far the job has come; a summary never goes back, however late a slow writer is. */
const progress = ({ state, epoch }: Pick<JobDocument, 'state' | 'epoch'>): number =>
  3 * epoch + (isFinalJobState(state) ? 2 : state === JobState.running ? 1 : 0);

/** Whether the job has gone on since its summary was written. */
export const isOutdated = (summary: JobSummaryDocument | undefined, job: JobDocument): boolean =>
  !summary || progress(summary) < progress(job);

/** True when the summary had to be written. */
export async function saveJobSummary(job: JobDocument): Promise<boolean> {
  for (let tried = 0; tried < MAX_TRIES; tried++) {
    const stored = await readDocument<JobSummaryDocument>(INDEX, job.jobId, monthOf(job.acceptedAt));
    if (!isOutdated(stored, job)) return false;
    // Who it is for never changes.
    const summary = summaryOf(
      job,
      stored && stored.targets.length > 0 ? stored.targets : await readTargets(job),
    );
    const written = stored
      ? await writeBatch(INDEX, summary.month, [{ replace: summary, etag: stored._etag }])
      : await createDocument(INDEX, summary);
    if (written) return true;
  }
  return false;
}

/** Summaries that say the job goes on: true of it, or left behind by it. */
export const listUnfinishedSummaries = (): Promise<WithEtag<JobSummaryDocument>[]> =>
  queryDocuments<JobSummaryDocument>(INDEX, { where: `c.type = 'jobSummary' AND ${OPEN_JOB_CONDITION}` });

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
const LISTED_FIELDS = [
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

function jobsQueryFor(filter: JobFilter, month: string): PagedQuery {
  const parameters = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
  const conditions = Object.keys(parameters).map((key) => CONDITIONS[key as keyof JobFilter]);
  return {
    where: ["c.type = 'jobSummary'", ...conditions].join(' AND '),
    parameters,
    orderBy: 'c.acceptedAt DESC',
    partition: { key: 'month', value: month },
    fields: LISTED_FIELDS,
  };
}

/**
 * So many months are looked through for one page; a page may hold less than was asked for, and only
 * `next` says whether there is more.
 */
const MAX_MONTHS_PER_PAGE = 24;

/** Jobs that fit, the newest first, month after month. */
export async function listJobs(
  filter: JobFilter,
  size: number,
  now: Date,
  token?: string,
): Promise<Page<ListedJob>> {
  const oldest = [filter.since ? monthOf(filter.since) : '', await readOldestMonth()].toSorted().at(-1) ?? '';
  const newest = [filter.until ?? '', now.toISOString()].filter((time) => time !== '').toSorted()[0] ?? '';
  let position: ListPosition =
    token === undefined ? { month: monthOf(newest), inner: null } : listPositionOf(filter, token);
  if (position.month > monthOf(newest)) throw invalidContinuationToken();
  const items: WithEtag<ListedJob>[] = [];
  for (let months = 0; position.month >= oldest; months++) {
    if (items.length >= size || months >= MAX_MONTHS_PER_PAGE)
      return { items, next: createContinuationToken(filter, JSON.stringify(position)) };
    const found: Page<ListedJob> = await queryPage<ListedJob>(
      INDEX,
      jobsQueryFor(filter, position.month),
      size - items.length,
      position.inner ?? undefined,
    );
    items.push(...found.items);
    position =
      found.next === null
        ? { month: monthBefore(position.month), inner: null }
        : { month: position.month, inner: found.next };
  }
  return { items, next: null };
}

/** Where a list goes on: a month, and the place in it. */
const ListPosition = z.strictObject({
  month: z.string().regex(/^\d{4}-\d{2}$/),
  inner: z.string().nullable(),
});
type ListPosition = z.infer<typeof ListPosition>;

function listPositionOf(filter: JobFilter, token: string): ListPosition {
  const text = readContinuationToken(filter, token);
  try {
    return ListPosition.parse(JSON.parse(text));
  } catch {
    throw invalidContinuationToken();
  }
}

const monthBefore = (month: string): string =>
  new Date(Date.parse(`${month}-01T00:00:00Z`) - 1).toISOString().slice(0, 7);

let firstMonth: string | undefined;

/** The month of the first job of all; once there is one, it stays the first. */
async function readOldestMonth(): Promise<string> {
  const [first] =
    firstMonth === undefined
      ? await queryDocuments<ListedJob>(INDEX, {
          where: "c.type = 'jobSummary'",
          orderBy: 'c.month',
          limit: 1,
          fields: LISTED_FIELDS,
        })
      : [];
  firstMonth ??= first?.month;
  return firstMonth ?? '9999-12';
}
