// One SQLite file of the simulator. Acknowledged writes survive the end of the process, and the file
// never contains half a transaction.

import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

/** The longest wait for another process that reads the file. */
const BUSY_TIMEOUT_MS = 5_000;

const SQLITE_FULL = 13;
const isFullDisk = (error: unknown): boolean => (error as { errcode?: unknown }).errcode === SQLITE_FULL;

/**
 * On a full disk every later request would fail, and nobody would learn the reason. The end of the
 * process shows it, with this error.
 */
const endProcess = (error: unknown): void =>
  queueMicrotask(() => {
    throw error;
  });

/** A SQLite file with transactions and cached statements. */
export class DataFile {
  protected readonly sqlite: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** Runs `schema` at each start, so the schema must allow a second run. */
  constructor(path: string, schema = '') {
    this.sqlite = new DatabaseSync(path);
    this.sqlite.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; ' +
        `PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; ${schema}`,
    );
  }

  close(): void {
    this.sqlite.close();
  }

  /**
   * Runs `work` in a transaction. When `work` throws, the file undoes its writes and calls
   * `onRollback`. A nested call joins the outer transaction.
   */
  transaction<T>(work: () => T, onRollback: () => void = () => undefined): T {
    if (this.sqlite.isTransaction) return work();
    this.run('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.run('COMMIT');
      return result;
    } catch (error) {
      this.#undo();
      onRollback();
      if (isFullDisk(error)) endProcess(error);
      throw error;
    }
  }

  /** Runs a statement and returns the number of changed rows. */
  run(sql: string, ...operands: SQLInputValue[]): number {
    return Number(this.prepare(sql).run(...operands).changes);
  }

  /** Returns the first row. The caller knows its type from the query. */
  first(sql: string, ...operands: SQLInputValue[]): unknown {
    return this.prepare(sql).get(...operands);
  }

  all(sql: string, ...operands: SQLInputValue[]): unknown[] {
    return this.prepare(sql).all(...operands);
  }

  /** Prepares each statement once. */
  prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.sqlite.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  /** After some failures, such as a full disk, SQLite has already rolled back. */
  #undo(): void {
    if (this.sqlite.isTransaction) this.run('ROLLBACK');
  }
}
