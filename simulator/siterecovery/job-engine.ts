// Starts jobs and performs all due job events, each at its own simulated time. A job handler knows
// how a job changes the environment. The tables define the name and the duration of each operation.

import { randomUUID } from 'node:crypto';

import type { Alarm, SimulatedClock } from '../clock/simulated-clock.ts';
import { cancelled } from './errors.ts';
import type { DueEvent, JobRecord, JobState, PlannedTask } from './records.ts';
import type { SiteRecoveryStore } from './store.ts';
import type { Change } from './provider-table.ts';
import { stopTasksAt } from './job-schedule.ts';
import { activityIdOf, type JobStart, type JobHandler } from './job-handler.ts';

/** A child job ends a little before the task that waits for it. */
const CHILD_DURATION_SHARE = 0.95;

export interface JobEngineOptions {
  readonly store: SiteRecoveryStore;
  readonly clock: SimulatedClock;
  /** The job handlers by table name. */
  readonly works: Readonly<Record<string, JobHandler>>;
}

/** Called when a state of an item ends by itself. */
export type OnStateEnd = (item: string, at: number) => void;

export class JobEngine {
  onStateEnd: OnStateEnd = () => undefined;
  /** Called before time advances, for actions that are due in that time. */
  onAdvance: (now: number) => void = () => undefined;
  readonly #store: SiteRecoveryStore;
  readonly #clock: SimulatedClock;
  readonly #works: Readonly<Record<string, JobHandler>>;
  #watched: { readonly at: number; readonly alarm: Alarm } | undefined;

  constructor({ store, clock, works }: JobEngineOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#works = works;
  }

  workOf(table: string): JobHandler {
    const work = this.#works[table];
    if (!work) throw new Error(`The table "${table}" has no job handler.`);
    return work;
  }

  /**
   * Performs all events that are due by now, in order and each at its own time. Returns the time
   * that it used as "now".
   */
  advance(): number {
    const now = this.#clock.now();
    this.onAdvance(now);
    this.advanceTo(now);
    this.#watch();
    return now;
  }

  /** Advances to a time that is not in the future. */
  advanceTo(now: number): void {
    const first = this.#store.nextDue();
    if (!first || first.at > now) return;
    this.#store.transaction(() => {
      for (let due = this.#store.nextDue(); due && due.at <= now; due = this.#store.nextDue()) {
        this.#store.removeDue(due);
        this.#happen(due);
      }
    });
  }

  /** Runs `work` as one transaction and sets the alarm for its results. */
  transaction<T>(work: () => T): T {
    const result = this.#store.transaction(work);
    this.#watch();
    return result;
  }

  begin(beginning: JobStart): JobRecord {
    const work = this.workOf(beginning.table);
    const { tasks, endsAt } = work.scheduleJob(beginning);
    const { id, vault, table, operation, subject, input, ending, activityId, now, parent } = beginning;
    const job: JobRecord = {
      id,
      vault,
      table,
      operation,
      subject,
      input,
      ending,
      activityId,
      parent,
      tasks,
      endsAt,
      sequence: this.#store.jobCount,
      state: 'NotStarted',
      acceptedAt: now,
      endedAt: null,
      listed: false,
      target: work.target(beginning),
      outcome: work.row(table, operation).outcomeAtFirst,
      warnings: ending.kind === 'idle' ? [ending.warning] : [],
      incomplete: false,
    };
    this.#store.putJob(job);
    const { lag } = this.#store;
    const atLatest = (seconds: number): number => Math.min(now + seconds * 1000, endsAt ?? Infinity);
    this.#store.schedule(atLatest(lag.freshJobSeconds), 'jobStarts', id);
    this.#store.schedule(now + lag.jobListSeconds * 1000, 'jobListed', id);
    if (doesWork(job)) {
      this.#scheduleTasks(job);
      work.onAccepted(job);
      this.#store.schedule(atLatest(lag.itemSeconds), 'itemShows', id);
    }
    // Added last, so that all other events of the same time happen before.
    if (endsAt !== null) this.#store.schedule(endsAt, 'jobEnds', id);
    return job;
  }

  /** Starts a job of the service itself, with a request id of its own. */
  beginByService(beginning: Omit<JobStart, 'activityId'>): JobRecord {
    return this.begin({
      ...beginning,
      activityId: activityIdOf({ clientRequestId: randomUUID(), correlationId: randomUUID() }),
    });
  }

  /** Ends a job early. */
  cancel(id: string, at: number): void {
    const job = this.#store.job(id);
    if (!job || job.endedAt !== null) return;
    // A job that does no work has nothing to undo.
    if (!doesWork(job)) {
      this.#end(
        { ...job, ending: { kind: 'refused', error: cancelled() } },
        'Cancelled',
        at,
        this.workOf(job.table).row(job.table, job.operation).onRefusal,
      );
      return;
    }
    this.#breakOff(
      { ...job, ending: { kind: 'fails', error: cancelled(), task: runningTask(job, at) } },
      'Cancelled',
      at,
    );
  }

  /** Continues a task that waited for a person. All later tasks start now. */
  resume(id: string, at: number): void {
    const job = this.#store.job(id);
    const waiting = job?.tasks.find(
      (task) => task.waits !== undefined && task.endsAt === null && task.startsAt !== null,
    );
    if (!job || !waiting || job.state !== 'Suspended') return;
    const behind = job.tasks.slice(job.tasks.indexOf(waiting) + 1);
    const late = at - (behind[0]?.startsAt ?? waiting.startsAt ?? at);
    const later = (time: number | null): number | null => (time === null ? null : time + late);
    const moved = behind.map((task) => ({
      ...task,
      startsAt: later(task.startsAt),
      endsAt: later(task.endsAt),
    }));
    const tasks = [...job.tasks.slice(0, job.tasks.indexOf(waiting)), { ...waiting, endsAt: at }, ...moved];
    const endsAt = moved.find((task) => task.waits !== undefined) ? null : (moved.at(-1)?.endsAt ?? at);
    const resumed: JobRecord = { ...job, tasks, endsAt, state: 'InProgress' };
    this.#store.putJob(resumed);
    this.#scheduleTasks(resumed, at);
    if (endsAt !== null) this.#store.schedule(endsAt, 'jobEnds', id);
  }

  close(): void {
    this.#watched?.alarm.cancel();
  }

  #scheduleTasks(job: JobRecord, from = -Infinity): void {
    const rows = this.workOf(job.table).row(job.table, job.operation).tasks;
    for (const planned of job.tasks) {
      const row = rows.find(({ name }) => name === planned.name);
      const matters =
        row?.change !== undefined ||
        row?.startsJob !== undefined ||
        planned.group !== undefined ||
        planned.waits !== undefined;
      if (matters && !planned.skipped && planned.startsAt !== null && planned.startsAt >= from)
        this.#store.schedule(planned.startsAt, 'taskStarts', job.id, planned.name);
      // Tasks behind a task that waits for a person have no times yet.
      if (planned.waits !== undefined && planned.endsAt === null) return;
    }
  }

  #happen(due: DueEvent): void {
    if (due.kind === 'stateEnds') {
      this.onStateEnd(due.subject, due.at);
      return;
    }
    const job = this.#store.job(due.subject);
    if (!job) throw new Error(`No job has the id ${due.subject}.`);
    if (due.kind === 'jobListed') {
      this.#store.putJob({ ...job, listed: true });
      return;
    }
    // The job ended early, so its planned events are void.
    if (job.endedAt !== null) return;
    switch (due.kind) {
      case 'jobStarts': {
        if (job.state === 'NotStarted') this.#store.putJob({ ...job, state: 'InProgress' });
        return;
      }
      case 'itemShows': {
        this.workOf(job.table).onShown(job);
        return;
      }
      case 'taskStarts': {
        this.#taskStarts(job, due);
        return;
      }
      case 'jobEnds': {
        if (job.endsAt === due.at) this.#jobEnds(job, due.at);
        return;
      }
    }
  }

  #taskStarts(job: JobRecord, due: DueEvent): void {
    const work = this.workOf(job.table);
    const row = work.row(job.table, job.operation).tasks.find((task) => task.name === due.task);
    const planned = job.tasks.find((task) => task.name === due.task);
    if (planned?.startsAt !== due.at) return;
    if (planned.waits !== undefined && planned.endsAt === null) {
      this.#store.putJob({ ...job, state: 'Suspended' });
      return;
    }
    const left = row?.change ? this.#change(job, row.change, due.at) : job;
    if (left.endedAt !== null) return;
    if (row?.startsJob !== undefined) this.#startChild(left, row.startsJob, planned, due.at);
    if (planned.group) work.onTaskStart(planned, left, due);
  }

  #startChild(parent: JobRecord, operation: string, task: PlannedTask, now: number): void {
    if (task.childJob === null || task.endsAt === null) return;
    const { vault, table, subject } = parent;
    const duration = Math.floor(((task.endsAt - now) * CHILD_DURATION_SHARE) / 1000) * 1000;
    this.beginByService({
      id: task.childJob,
      vault,
      table,
      operation,
      subject,
      input: {},
      ending: { kind: 'succeeds' },
      now,
      parent: parent.id,
      duration,
    });
  }

  /** Applies a change and records its outcome in the job. An error ends the job at once. */
  #change(job: JobRecord, change: Change, at: number): JobRecord {
    const { details, warning, error, incomplete } = this.workOf(job.table).applyChange(change, job, at);
    const current = this.#store.job(job.id) ?? job;
    const updated: JobRecord = {
      ...current,
      outcome: { ...current.outcome, ...details },
      warnings: warning ? [...current.warnings, warning] : current.warnings,
      incomplete: current.incomplete || incomplete === true,
    };
    this.#store.putJob(updated);
    return error
      ? this.#breakOff(
          { ...updated, ending: { kind: 'fails', error, task: runningTask(updated, at) } },
          'Failed',
          at,
        )
      : updated;
  }

  #jobEnds(job: JobRecord, at: number): void {
    const { change, onFailure, onRefusal } = this.workOf(job.table).row(job.table, job.operation);
    const { ending } = job;
    if (ending.kind === 'idle') this.#end(job, 'Succeeded', at);
    else if (ending.kind === 'refused') this.#end(job, 'Failed', at, onRefusal);
    else if (ending.kind === 'fails') this.#end(job, 'Failed', at, onFailure);
    else {
      if (ending.kind === 'succeeds' && ending.warning)
        this.#store.putJob({ ...job, warnings: [...job.warnings, ending.warning] });
      const done = change ? this.#change(job, change, at) : (this.#store.job(job.id) ?? job);
      if (done.endedAt === null) this.#end(done, done.incomplete ? 'PartiallySucceeded' : 'Succeeded', at);
    }
  }

  /** Ends a job early. The current task ends at this time, and the later tasks never start. */
  #breakOff(job: JobRecord, state: 'Failed' | 'Cancelled', at: number): JobRecord {
    const { tasks } = stopTasksAt(job.tasks, runningTask(job, at), at);
    return this.#end(
      { ...job, tasks },
      state,
      at,
      this.workOf(job.table).row(job.table, job.operation).onFailure,
    );
  }

  #end(job: JobRecord, state: JobState, at: number, after?: Change): JobRecord {
    const work = this.workOf(job.table);
    const ended: JobRecord = { ...job, state, endsAt: at, endedAt: at };
    this.#store.putJob(ended);
    if (after) work.applyChange(after, ended, at);
    work.onEnded(ended, at);
    return ended;
  }

  /** Keeps one alarm for the next due event. A jumping clock jumps to its alarms. */
  #watch(): void {
    const next = this.#store.nextDue();
    if (next?.at === this.#watched?.at) return;
    this.#watched?.alarm.cancel();
    this.#watched = next && { at: next.at, alarm: this.#clock.scheduleAt(next.at, () => this.#ring()) };
  }

  #ring(): void {
    this.#watched = undefined;
    this.advance();
  }
}

/** Returns true when the job will change its target. */
export const doesWork = ({ ending }: JobRecord): boolean =>
  ending.kind !== 'refused' && ending.kind !== 'idle';

/** Returns the name of the task that runs at this time. */
const runningTask = (job: JobRecord, at: number): string =>
  job.tasks.findLast((task) => task.startsAt !== null && task.startsAt <= at && !task.skipped)?.name ?? '';
