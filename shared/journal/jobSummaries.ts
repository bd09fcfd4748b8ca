// One summary for each job, for lists. A summary follows its job: Lifeboat writes the summary after
// the job, and again whenever it lags behind.
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

/** The month of a time, such as 2026-01. */
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

/**
 * The targets of the summary: Lifeboat ids, or ARM ids of VMs without replication. For a run of a
 * plan: the VMs of the run.
 */
async function readTargets({ command, plan }: JobDocument): Promise<readonly string[]> {
  if ('vms' in command) return command.vms.map((id) => id.toLowerCase());
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

/** The progress of the job. A summary never goes back, even if a slow writer is late. */
const progress = ({ state, epoch }: Pick<JobDocument, 'state' | 'epoch'>): number =>
  3 * epoch + (isFinalJobState(state) ? 2 : state === JobState.running ? 1 : 0);

/** Tells whether the job has moved on since its summary. */
export const isOutdated = (summary: JobSummaryDocument | undefined, job: JobDocument): boolean =>
  !summary || progress(summary) < progress(job);

/** Writes the summary if it lags behind. True: a write was necessary. */
export async function saveJobSummary(job: JobDocument): Promise<boolean> {
  for (let tried = 0; tried < MAX_TRIES; tried++) {
    const stored = await readDocument<JobSummaryDocument>(INDEX, job.jobId, monthOf(job.acceptedAt));
    if (!isOutdated(stored, job)) return false;
    // The targets never change.
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

/** The summaries of unfinished jobs. Such a job may have ended already. */
export const listUnfinishedSummaries = (): Promise<WithEtag<JobSummaryDocument>[]> =>
  queryDocuments<JobSummaryDocument>(INDEX, { where: `c.type = 'jobSummary' AND ${OPEN_JOB_CONDITION}` });

/** The filter of a job list. An absent field matches everything. */
export interface JobFilter {
  readonly state?: readonly JobState[] | undefined;
  readonly operation?: readonly Operation[] | undefined;
  /** A target id, as in the targets of a summary. */
  readonly vm?: string | undefined;
  readonly plan?: string | undefined;
  readonly ticket?: string | undefined;
  /** The caller, by id or by name. */
  readonly caller?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** A summary without its targets: they may be thousands. */
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
 * The maximum number of months for one page. A page may hold fewer jobs than the requested size.
 * Only `next` tells whether more jobs exist.
 */
const MAX_MONTHS_PER_PAGE = 24;

/** The matching jobs, the newest first, month by month. */
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

/** The position where a list continues: a month, and the place in the month. */
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

/** The month of the first job ever. Once a first job exists, this month never changes. */
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
