// One SQLite file with one writer: the host's thread. The database commits all writes of one turn
// of the event loop together.

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
  /** Ends the clock's wait for the open transaction. Undefined when no transaction is open. */
  #open: (() => void) | undefined;

  constructor(file: string, clock: SimulatedClock, schema: string) {
    this.#clock = clock;
    this.#schema = schema;
    mkdirSync(dirname(file), { recursive: true });
    this.#sqlite = new DatabaseSync(file);
    try {
      // One host a file: the operating system releases the lock when the process ends. Committed
      // data outlives the process. Later writes soon overwrite most pages, so SQLite can checkpoint
      // its log less often.
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

  /** Prepares each statement once and caches it. */
  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.#sqlite.prepare(sql)));
    return statement;
  }

  /**
   * Commits all writes of `change` as one, soon, together with other changes of the same turn.
   * Nothing that depends on the change may leave the process before the commit: see `afterCommit`.
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
      // The other changes must not be committed with half a change. The memory no longer matches
      // the file.
      this.#sqlite.exec('ROLLBACK');
      queueMicrotask(() => {
        throw error;
      });
      throw error;
    }
  }

  /** Runs `effect` after the commit of everything written so far. */
  afterCommit(effect: CommitCallback): void {
    if (this.#open) this.#effects.push(effect);
    else setImmediate(effect);
  }

  /** Resolves after the commit of everything written so far. */
  waitForCommit(): Promise<void> {
    return new Promise((resolve) => this.afterCommit(resolve));
  }

  close(): void {
    if (this.#open) this.#commit();
    this.#sqlite.close();
  }

  /**
   * Behaves like the death of the process. Uncommitted data is lost, and later writes have no
   * effect.
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
