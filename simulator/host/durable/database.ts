// One SQLite file and one writer: the host's thread. Writes of one turn of the event loop are
// committed together.

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { SimulatedClock } from '../../clock/simulated-clock.ts';
import { messageOf } from '../log.ts';
import { StartError } from '../start-error.ts';

type CommitCallback = () => void;

export class DurableDatabase {
  readonly #schema: string;
  #sqlite: DatabaseSync;
  readonly #clock: SimulatedClock;
  readonly #statements = new Map<string, StatementSync>();
  #effects: CommitCallback[] = [];
  /** Ends the clock's wait for the transaction that is open; undefined when none is. */
  #open: (() => void) | undefined;

  constructor(file: string, clock: SimulatedClock, schema: string) {
    this.#clock = clock;
    this.#schema = schema;
    mkdirSync(dirname(file), { recursive: true });
    this.#sqlite = new DatabaseSync(file);
    try {
      // One host a file; the lock goes with the process, however it ends. What was committed
      // outlives the process, and most of it is soon overwritten: it need not be moved out of the
      // log so often.
      this.#sqlite.exec(
        'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = ' +
          'NORMAL; PRAGMA wal_autocheckpoint = 8000',
      );
      this.#sqlite.exec(`BEGIN IMMEDIATE; ${schema}; COMMIT`);
    } catch (error) {
      this.#sqlite.close();
      throw new StartError(`${file} cannot be used (is another host running on it?): ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  /** A statement is prepared once. */
  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.#sqlite.prepare(sql)));
    return statement;
  }

  /**
   * Everything that `change` writes is committed as one, soon, and together with other changes made
   * in the same turn.
   * Nothing that depends on it may leave the process before: see `afterCommit`.
   */
  write<T>(change: () => T): T {
    if (!this.#open) {
      this.#open = this.#clock.markBusy();
      this.#sqlite.exec('BEGIN IMMEDIATE');
      setImmediate(() => this.#commit());
    }
    try {
      return change();
    } catch (error) {
      // Half a change must not be committed with the others, and what is in memory no longer agrees
      // with the file.
      this.#sqlite.exec('ROLLBACK');
      queueMicrotask(() => {
        throw error;
      });
      throw error;
    }
  }

  /** Runs once everything written so far is committed. */
  afterCommit(effect: CommitCallback): void {
    if (this.#open) this.#effects.push(effect);
    else setImmediate(effect);
  }

  /** Resolves once everything written so far is committed. */
  waitForCommit(): Promise<void> {
    return new Promise((resolve) => this.afterCommit(resolve));
  }

  close(): void {
    if (this.#open) this.#commit();
    this.#sqlite.close();
  }

  /**
   * As if the process had died: what was not committed is lost, and what somebody still writes goes
   * nowhere.
   */
  abandon(): void {
    if (this.#open) this.#sqlite.exec('ROLLBACK');
    this.#sqlite.close();
    this.#open?.();
    this.#open = undefined;
    this.#effects = [];
    this.#statements.clear();
    this.#sqlite = new DatabaseSync(':memory:');
    this.#sqlite.exec(this.#schema);
  }

  #commit(): void {
    const idle = this.#open;
    if (!idle) return;
    this.#sqlite.exec('COMMIT');
    this.#open = undefined;
    const effects = this.#effects;
    this.#effects = [];
    for (const effect of effects) effect();
    idle();
  }
}
