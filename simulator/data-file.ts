// One SQLite file of the simulator: what was acknowledged survives the death of the process, and no
// transaction is ever half there.

import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

/** How long to wait for somebody who looks into the file meanwhile. */
const BUSY_TIMEOUT_MS = 5_000;

export class DataFile {
  protected readonly sqlite: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** `schema` must bear being applied again. */
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
   * All or nothing: what `work` wrote is undone when it throws, and `undone` is told. Within
   * another, a part of that.
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
      throw error;
    }
  }

  /** How many rows were changed. */
  run(sql: string, ...operands: SQLInputValue[]): number {
    return Number(this.prepare(sql).run(...operands).changes);
  }

  /** What the row is, the caller knows from its query. */
  first(sql: string, ...operands: SQLInputValue[]): unknown {
    return this.prepare(sql).get(...operands);
  }

  all(sql: string, ...operands: SQLInputValue[]): unknown[] {
    return this.prepare(sql).all(...operands);
  }

  /** A statement is prepared once. */
  prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.sqlite.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  /** Some failures, such as a full disk, have undone it already. */
  #undo(): void {
    if (this.sqlite.isTransaction) this.run('ROLLBACK');
  }
}
