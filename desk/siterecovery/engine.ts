// The state machine at work: takes accepted writes, and lets happen what is due, each thing at its own moment of story time.
// It knows no provider's operations by name; those stand in the tables.

import { randomUUID } from 'node:crypto';

import type { Alarm, StoryClock } from '../clock/story-clock.ts';
import type { FaultAction } from '../wire/fault.ts';
import { ANOTHER_OPERATION, anotherOperationRuns, byRequest, providerRefuses } from './errors.ts';
import { durationOf } from './ids.ts';
import { newJob } from './jobs.ts';
import type { Provider } from './provider.ts';
import type { Due, Ending, ItemRecord, JobRecord, OperationInput, PlannedTask } from './records.ts';
import type { Store } from './store.ts';
import { operationRow, stateRow, type Change } from './table.ts';
import type { World } from './world.ts';

/** A child job is over a little before the task that waits for it. */
const CHILD_SHARE = 0.95;

export interface AcceptedWrite {
  readonly item: ItemRecord;
  readonly operation: string;
  readonly input: OperationInput;
  readonly principal: string;
  readonly clientRequestId: string;
  readonly correlationId: string;
  /** Asked only when the job would otherwise do its work. */
  readonly fault: () => FaultAction | undefined;
}

export interface EngineOptions {
  readonly store: Store;
  readonly world: World;
  readonly clock: StoryClock;
  readonly providerOf: (item: ItemRecord) => Provider;
}

const activityOf = (clientRequestId: string, correlationId: string): string => `${clientRequestId} ActivityId: ${correlationId}`;

export class Engine {
  readonly #store: Store;
  readonly #world: World;
  readonly #clock: StoryClock;
  readonly #providerOf: (item: ItemRecord) => Provider;
  #watched: { readonly at: number; readonly alarm: Alarm } | undefined;

  constructor({ store, world, clock, providerOf }: EngineOptions) {
    this.#store = store;
    this.#world = world;
    this.#clock = clock;
    this.#providerOf = providerOf;
    this.advance();
  }

  /** Lets everything happen that is due by now, in its order and as of its own moment; says what "now" is. */
  advance(): number {
    const now = this.#clock.now();
    const first = this.#store.nextDue();
    if (first && first.at <= now) {
      this.#store.transaction(() => {
        for (let due = this.#store.nextDue(); due && due.at <= now; due = this.#store.nextDue()) {
          this.#store.done(due);
          this.#happen(due);
        }
      });
    }
    this.#watch();
    return now;
  }

  /** Starts the job of a write that is answered with 202, and gives its id. */
  accept(write: AcceptedWrite, now: number): string {
    const { item, operation, input } = write;
    const id = randomUUID();
    this.#store.transaction(() => {
      const ending = this.#endingOf(write, now);
      const job = this.#begin({ id, item, operation, input, ending, activityId: activityOf(write.clientRequestId, write.correlationId), now });
      if (ending.kind !== 'refused') {
        this.#store.putItem({ ...item, busyWith: id, operations: item.operations + 1 });
        this.#store.schedule(this.#atLatest(job, this.#store.lag.itemSeconds), 'itemShows', id);
      }
      // Last, so that what is due at the same moment has happened before.
      if (job.endsAt !== null) this.#store.schedule(job.endsAt, 'jobEnds', id);
      this.#store.addWrite({
        jobId: id,
        operation,
        itemName: item.name,
        lifecycleId: item.key,
        vault: this.#world.vaultMust(item.vault).vault.name,
        principal: write.principal,
        clientRequestId: write.clientRequestId,
        at: now,
        outcome: 'accepted',
      });
    });
    this.#watch();
    return id;
  }

  close(): void {
    this.#watched?.alarm.cancel();
  }

  #endingOf({ item, operation, input, fault }: AcceptedWrite, now: number): Ending {
    const provider = this.#providerOf(item);
    const row = operationRow(provider.table, operation);
    if (item.busyWith !== null) return { kind: 'refused', error: anotherOperationRuns() };
    const allowed = stateRow(provider.table, item.state).allowedOperations;
    if (!allowed.includes(row.needs)) {
      const error = providerRefuses(`${row.needs} is not allowed in the present state of the item.`, `Run one of the operations that are: ${allowed.join(', ')}.`);
      return { kind: 'refused', error };
    }
    const wrong = provider.preflight(operation, item, input, this.#world.vaultMust(item.vault), now);
    if (wrong) return { kind: 'refused', error: wrong };
    const action = fault();
    if (action?.kind === 'stick') return { kind: 'sticks', task: row.failsIn };
    if (action?.kind !== 'fail') return { kind: 'succeeds' };
    const error = byRequest(action.code, action.message);
    return action.code === ANOTHER_OPERATION ? { kind: 'refused', error } : { kind: 'fails', error, task: row.failsIn };
  }

  #begin(job: Pick<JobRecord, 'id' | 'operation' | 'input' | 'ending' | 'activityId'> & { item: ItemRecord; now: number; duration?: number }): JobRecord {
    const provider = this.#providerOf(job.item);
    const record = newJob({ ...job, sequence: this.#store.jobCount, vault: this.#world.vaultMust(job.item.vault), provider });
    const row = operationRow(provider.table, record.operation);
    this.#store.putJob(record);
    this.#store.schedule(this.#atLatest(record, this.#store.lag.freshJobSeconds), 'jobStarts', record.id);
    this.#store.schedule(record.acceptedAt + this.#store.lag.jobListSeconds * 1000, 'jobListed', record.id);
    for (const [index, task] of record.tasks.entries()) {
      const planned = row.tasks[index];
      const matters = planned?.change !== undefined || planned?.startsJob !== undefined;
      if (record.ending.kind !== 'refused' && matters && task.startsAt !== null) this.#store.schedule(task.startsAt, 'taskStarts', record.id, task.name);
    }
    return record;
  }

  /** After a lag, but not later than the job's end. */
  #atLatest(job: JobRecord, seconds: number): number {
    const at = job.acceptedAt + seconds * 1000;
    return job.endsAt === null ? at : Math.min(at, job.endsAt);
  }

  #happen(due: Due): void {
    if (due.kind === 'stateEnds') { this.#stateEnds(due); return; }
    const job = this.#store.job(due.subject);
    if (!job) throw new Error(`No job has the id ${due.subject}.`);
    switch (due.kind) {
      case 'jobStarts': { this.#store.putJob({ ...job, state: 'InProgress' }); return; }
      case 'jobListed': { this.#store.putJob({ ...job, listed: true }); return; }
      case 'itemShows': { this.#itemShows(job); return; }
      case 'taskStarts': { this.#taskStarts(job, due); return; }
      case 'jobEnds': { this.#jobEnds(job, due.at); return; }
    }
  }

  #itemShows(job: JobRecord): void {
    const item = this.#store.item(job.item);
    const { scenarioName } = operationRow(this.#providerOf(item).table, job.operation);
    this.#store.putItem({ ...item, shown: { jobId: job.id, scenarioName, startTime: job.acceptedAt } });
  }

  #taskStarts(job: JobRecord, due: Due): void {
    const item = this.#store.item(job.item);
    const row = operationRow(this.#providerOf(item).table, job.operation).tasks.find((task) => task.name === due.task);
    const planned = job.tasks.find((task) => task.name === due.task);
    if (!row || !planned) throw new Error(`The job ${job.id} has no task "${String(due.task)}".`);
    if (row.change) this.#change(item, row.change, due.at, job);
    if (row.startsJob !== undefined) this.#startChild(job, row.startsJob, planned, due.at);
  }

  #startChild(parent: JobRecord, operation: string, task: PlannedTask, now: number): void {
    if (task.childJob === null || task.endsAt === null) return;
    const child = this.#begin({
      id: task.childJob,
      item: this.#store.item(parent.item),
      operation,
      input: {},
      ending: { kind: 'succeeds' },
      // Begun by the service, so with a request of its own.
      activityId: activityOf(randomUUID(), randomUUID()),
      now,
      duration: Math.floor((task.endsAt - now) * CHILD_SHARE / 1000) * 1000,
    });
    if (child.endsAt !== null) this.#store.schedule(child.endsAt, 'jobEnds', child.id);
  }

  #jobEnds(job: JobRecord, at: number): void {
    const succeeds = job.ending.kind === 'succeeds';
    const item = this.#store.item(job.item);
    this.#store.putJob({ ...job, state: succeeds ? 'Succeeded' : 'Failed', endedAt: at });
    if (item.busyWith !== job.id) return;
    const idle = { ...item, busyWith: null, shown: null };
    this.#store.putItem(idle);
    const { change } = operationRow(this.#providerOf(item).table, job.operation);
    if (succeeds && change) this.#change(idle, change, at, this.#store.job(job.id));
    this.#settle(item.key, at);
  }

  #stateEnds(due: Due): void {
    const item = this.#store.item(due.subject);
    const { then } = stateRow(this.#providerOf(item).table, item.state);
    if (!then || item.stateEndsAt !== due.at || item.busyWith !== null) return;
    this.#change(item, then.change, due.at, undefined);
    this.#settle(item.key, due.at);
  }

  #change(item: ItemRecord, change: Change, at: number, job: JobRecord | undefined): void {
    const provider = this.#providerOf(item);
    stateRow(provider.table, change.to);
    const effect = change.does === undefined ? { item } : provider.effects[change.does]?.(item, this.#world.vaultMust(item.vault), at, job);
    if (!effect) throw new Error(`The provider has no effect "${String(change.does)}".`);
    this.#store.putItem({ ...effect.item, state: change.to, stateSince: at, stateEndsAt: null });
    if (job && effect.outcome) this.#store.putJob({ ...job, outcome: effect.outcome });
  }

  /** An item on which no job runs passes by itself through the states that have a successor. */
  #settle(key: string, at: number): void {
    const item = this.#store.item(key);
    const { then } = stateRow(this.#providerOf(item).table, item.state);
    if (!then || item.stateEndsAt !== null) return;
    const stateEndsAt = at + durationOf(then.seconds, item.key, item.state, item.operations);
    this.#store.putItem({ ...item, stateEndsAt });
    this.#store.schedule(stateEndsAt, 'stateEnds', key);
  }

  /** One alarm for the next thing due: a jumping clock jumps to what it is asked to ring for. */
  #watch(): void {
    const next = this.#store.nextDue();
    if (next?.at === this.#watched?.at) return;
    this.#watched?.alarm.cancel();
    this.#watched = next && { at: next.at, alarm: this.#clock.at(next.at, () => this.#ring()) };
  }

  #ring(): void {
    this.#watched = undefined;
    this.advance();
  }
}
