// The durable state of the host, one table after another. Call every changing method within
// `Database.write`.

import type { SQLInputValue } from 'node:sqlite';
import type { SimulatedClock } from '../../clock/simulated-clock.ts';
import { DurableDatabase } from './database.ts';
import type { Arrival } from './history.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS instances (
    id TEXT PRIMARY KEY, execution TEXT NOT NULL, name TEXT NOT NULL, version TEXT, status TEXT NOT NULL,
    input TEXT NOT NULL, output TEXT, customStatus TEXT, created REAL NOT NULL, updated REAL NOT NULL,
    parent TEXT, parentExecution TEXT, parentTask INTEGER) STRICT;
  CREATE INDEX IF NOT EXISTS instancesByTime ON instances (created, id);
  CREATE TABLE IF NOT EXISTS episodes (
    instance TEXT NOT NULL, number INTEGER NOT NULL, events TEXT NOT NULL, actions INTEGER NOT NULL,
    PRIMARY KEY (instance, number)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS arrivals (row INTEGER PRIMARY KEY, instance TEXT NOT NULL, execution TEXT, event TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS arrivalsByInstance ON arrivals (instance);
  CREATE TABLE IF NOT EXISTS activities (
    row INTEGER PRIMARY KEY, instance TEXT NOT NULL, execution TEXT NOT NULL, task INTEGER NOT NULL, name TEXT NOT NULL, input TEXT) STRICT;
  CREATE TABLE IF NOT EXISTS timers (
    instance TEXT NOT NULL, task INTEGER NOT NULL, execution TEXT NOT NULL, due REAL NOT NULL, PRIMARY KEY (instance, task)) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS timersByDue ON timers (due);
  CREATE TABLE IF NOT EXISTS schedules (name TEXT PRIMARY KEY, last REAL, next REAL NOT NULL, updated REAL NOT NULL) STRICT`;

export type InstanceStatus = 'Pending' | 'Running' | 'Suspended' | 'Completed' | 'Failed' | 'Terminated';

/** A task of another orchestration that waits for this orchestration. */
export interface ParentTask {
  readonly parent: string;
  readonly parentExecution: string;
  readonly parentTask: number;
}

/** A stored orchestration instance. */
export interface InstanceRow {
  readonly id: string;
  /** A new id for each start and for each continue-as-new of the instance. */
  readonly execution: string;
  readonly name: string;
  readonly version: string | null;
  readonly status: InstanceStatus;
  /** JSON text, as are output and customStatus. */
  readonly input: string;
  readonly output: string | null;
  readonly customStatus: string | null;
  readonly created: number;
  readonly updated: number;
  readonly parent: string | null;
  readonly parentExecution: string | null;
  readonly parentTask: number | null;
}

/** A stored episode of an execution. */
export interface EpisodeRow {
  readonly events: string;
  /** The number of actions that the orchestrator had requested by its end. */
  readonly actions: number;
}

/** A stored arrival that waits for the next episode. */
export interface WaitingArrival {
  readonly row: number;
  /** The intended execution. Null means the current execution. */
  readonly execution: string | null;
  readonly event: Arrival;
}

export interface ActivityRow {
  readonly row: number;
  readonly instance: string;
  readonly execution: string;
  readonly task: number;
  readonly name: string;
  readonly input: string | null;
}

export interface TimerRow {
  readonly instance: string;
  readonly task: number;
  readonly execution: string;
  readonly due: number;
}

export interface ScheduleRow {
  readonly name: string;
  readonly last: number | null;
  readonly next: number;
  readonly updated: number;
}

export interface InstanceFilter {
  readonly createdFrom?: number | undefined;
  readonly createdTo?: number | undefined;
  readonly statuses?: readonly InstanceStatus[] | undefined;
  readonly idPrefix?: string | undefined;
  /** Only the rows after this row. */
  readonly after?: { readonly created: number; readonly id: string } | undefined;
}

export const FINISHED: readonly InstanceStatus[] = ['Completed', 'Failed', 'Terminated'];

export class DurableStore {
  readonly database: DurableDatabase;

  constructor(file: string, clock: SimulatedClock) {
    this.database = new DurableDatabase(file, clock, SCHEMA);
  }

  instance(id: string): InstanceRow | undefined {
    return this.#first('SELECT * FROM instances WHERE id = ?', id) as InstanceRow | undefined;
  }

  unfinishedInstances(): InstanceRow[] {
    return this.#all(
      "SELECT * FROM instances WHERE status IN ('Pending', 'Running', 'Suspended') ORDER BY created, id",
    ) as InstanceRow[];
  }

  instances(filter: InstanceFilter, limit: number): InstanceRow[] {
    const { where, values } = condition(filter);
    return this.#all(
      `SELECT * FROM instances WHERE ${where} ORDER BY created, id LIMIT ${limit}`,
      ...values,
    ) as InstanceRow[];
  }

  putInstance(row: InstanceRow): void {
    this.#run(
      'INSERT OR REPLACE INTO instances VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      row.id,
      row.execution,
      row.name,
      row.version,
      row.status,
      row.input,
      row.output,
      row.customStatus,
      row.created,
      row.updated,
      row.parent,
      row.parentExecution,
      row.parentTask,
    );
  }

  /** Removes an instance, but keeps its activities that may still run. */
  removeInstance(id: string): void {
    this.#run('DELETE FROM instances WHERE id = ?', id);
    this.removeHistory(id);
    this.removeWaiting(id);
  }

  removeHistory(id: string): void {
    this.#run('DELETE FROM episodes WHERE instance = ?', id);
  }

  removeWaiting(id: string): void {
    this.#run('DELETE FROM arrivals WHERE instance = ?', id);
    this.#run('DELETE FROM timers WHERE instance = ?', id);
  }

  episodes(id: string): EpisodeRow[] {
    return this.#all(
      'SELECT events, actions FROM episodes WHERE instance = ? ORDER BY number',
      id,
    ) as EpisodeRow[];
  }

  addEpisode(id: string, number: number, row: EpisodeRow): void {
    this.#run('INSERT INTO episodes VALUES (?, ?, ?, ?)', id, number, row.events, row.actions);
  }

  addArrival(instance: string, execution: string | null, event: Arrival): WaitingArrival {
    const row = this.#run(
      'INSERT INTO arrivals (instance, execution, event) VALUES (?, ?, ?)',
      instance,
      execution,
      JSON.stringify(event),
    );
    return { row, execution, event };
  }

  arrivals(instance: string): WaitingArrival[] {
    const rows = this.#all(
      'SELECT row, execution, event FROM arrivals WHERE instance = ? ORDER BY row',
      instance,
    );
    return (rows as { row: number; execution: string | null; event: string }[]).map((row) => ({
      ...row,
      event: JSON.parse(row.event) as Arrival,
    }));
  }

  removeArrival(row: number): void {
    this.#run('DELETE FROM arrivals WHERE row = ?', row);
  }

  activities(): ActivityRow[] {
    return this.#all('SELECT * FROM activities ORDER BY row') as ActivityRow[];
  }

  addActivity(activity: Omit<ActivityRow, 'row'>): ActivityRow {
    const { instance, execution, task, name, input } = activity;
    const row = this.#run(
      'INSERT INTO activities (instance, execution, task, name, input) VALUES (?, ?, ?, ?, ?)',
      instance,
      execution,
      task,
      name,
      input,
    );
    return { ...activity, row };
  }

  removeActivity(row: number): void {
    this.#run('DELETE FROM activities WHERE row = ?', row);
  }

  addTimer({ instance, task, execution, due }: TimerRow): void {
    this.#run('INSERT OR REPLACE INTO timers VALUES (?, ?, ?, ?)', instance, task, execution, due);
  }

  removeTimer(instance: string, task: number): void {
    this.#run('DELETE FROM timers WHERE instance = ? AND task = ?', instance, task);
  }

  nextDue(): number | undefined {
    return (
      (this.#first('SELECT min(due) AS due FROM timers') as { due: number | null } | undefined)?.due ??
      undefined
    );
  }

  timersDue(now: number): TimerRow[] {
    return this.#all('SELECT * FROM timers WHERE due <= ? ORDER BY due, instance, task', now) as TimerRow[];
  }

  schedule(name: string): ScheduleRow | undefined {
    return this.#first('SELECT * FROM schedules WHERE name = ?', name) as ScheduleRow | undefined;
  }

  putSchedule({ name, last, next, updated }: ScheduleRow): void {
    this.#run('INSERT OR REPLACE INTO schedules VALUES (?, ?, ?, ?)', name, last, next, updated);
  }

  #first(sql: string, ...values: SQLInputValue[]): unknown {
    return this.database.prepare(sql).get(...values);
  }

  #all(sql: string, ...values: SQLInputValue[]): unknown[] {
    return this.database.prepare(sql).all(...values);
  }

  #run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.database.prepare(sql).run(...values).lastInsertRowid);
  }
}

function condition(filter: InstanceFilter): { where: string; values: SQLInputValue[] } {
  const parts: string[] = ['TRUE'];
  const values: SQLInputValue[] = [];
  const add = (part: string, ...more: SQLInputValue[]) => {
    parts.push(part);
    values.push(...more);
  };
  if (filter.createdFrom !== undefined) add('created >= ?', filter.createdFrom);
  if (filter.createdTo !== undefined) add('created <= ?', filter.createdTo);
  if (filter.statuses) add(`status IN (${filter.statuses.map(() => '?').join(', ')})`, ...filter.statuses);
  if (filter.idPrefix !== undefined) add('substr(id, 1, length(?)) = ?', filter.idPrefix, filter.idPrefix);
  if (filter.after) add('(created, id) > (?, ?)', filter.after.created, filter.after.id);
  return { where: parts.join(' AND '), values };
}
