// Databases, containers and documents in one SQLite file. A write that was acknowledged survives the death of the process.

import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA foreign_keys = ON;
  CREATE TABLE IF NOT EXISTS writes (one INTEGER PRIMARY KEY CHECK (one = 1), count INTEGER NOT NULL);
  INSERT OR IGNORE INTO writes VALUES (1, 0);
  CREATE TABLE IF NOT EXISTS databases (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS containers (
    number INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES databases ON DELETE CASCADE,
    id TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (parent, id));
  CREATE TABLE IF NOT EXISTS documents (
    number INTEGER PRIMARY KEY, container INTEGER NOT NULL REFERENCES containers ON DELETE CASCADE,
    partition TEXT NOT NULL, id TEXT NOT NULL, hash TEXT NOT NULL, etag TEXT NOT NULL, body TEXT NOT NULL);
  CREATE UNIQUE INDEX IF NOT EXISTS documents_by_id ON documents (container, partition, id);
  CREATE INDEX IF NOT EXISTS documents_by_partition ON documents (container, partition, number);
  CREATE INDEX IF NOT EXISTS documents_by_hash ON documents (container, number, hash);
`;

/** A row of databases or containers: its body is the resource as callers see it. */
export interface ResourceRow {
  readonly number: number;
  readonly body: string;
}

export interface DocumentRow {
  readonly number: number;
  readonly etag: string;
  readonly body: string;
}

export interface NewDocument extends DocumentRow {
  readonly container: number;
  readonly partition: string;
  readonly id: string;
  readonly hash: string;
}

/** The documents of one partition, or of one slice of the hash space. */
export type Scope = { readonly partition: string } | { readonly min: string; readonly max: string };

export class Store {
  private readonly file: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();

  constructor(path: string) {
    this.file = new DatabaseSync(path);
    this.file.exec(SCHEMA);
  }

  close(): void {
    this.file.close();
  }

  /** All or nothing: what `work` wrote is undone when it throws. */
  transaction<T>(work: () => T): T {
    this.run('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.run('COMMIT');
      return result;
    } catch (error) {
      this.run('ROLLBACK');
      throw error;
    }
  }

  /** A number that no other write has; it also numbers what is created. */
  nextWrite(): number {
    return (this.first('UPDATE writes SET count = count + 1 RETURNING count') as { count: number }).count;
  }

  lastWrite(): number {
    return (this.first('SELECT count FROM writes') as { count: number }).count;
  }

  databases(): ResourceRow[] {
    return this.resources('SELECT number, body FROM databases ORDER BY number');
  }

  database(id: string): ResourceRow | undefined {
    return this.first('SELECT number, body FROM databases WHERE id = ?', id) as ResourceRow | undefined;
  }

  insertDatabase(number: number, id: string, body: string): void {
    this.run('INSERT INTO databases VALUES (?, ?, ?)', number, id, body);
  }

  deleteDatabase(number: number): void {
    this.run('DELETE FROM databases WHERE number = ?', number);
  }

  containers(database: number): ResourceRow[] {
    return this.resources('SELECT number, body FROM containers WHERE parent = ? ORDER BY number', database);
  }

  container(database: number, id: string): ResourceRow | undefined {
    return this.first('SELECT number, body FROM containers WHERE parent = ? AND id = ?', database, id) as ResourceRow | undefined;
  }

  insertContainer(number: number, database: number, id: string, body: string): void {
    this.run('INSERT INTO containers VALUES (?, ?, ?, ?)', number, database, id, body);
  }

  replaceContainer(number: number, body: string): void {
    this.run('UPDATE containers SET body = ? WHERE number = ?', body, number);
  }

  deleteContainer(number: number): void {
    this.run('DELETE FROM containers WHERE number = ?', number);
  }

  document(container: number, partition: string, id: string): DocumentRow | undefined {
    return this.first('SELECT number, etag, body FROM documents WHERE container = ? AND partition = ? AND id = ?', container, partition, id) as DocumentRow | undefined;
  }

  insertDocument(row: NewDocument): void {
    this.run('INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?)', row.number, row.container, row.partition, row.id, row.hash, row.etag, row.body);
  }

  replaceDocument({ number, etag, body }: DocumentRow): void {
    this.run('UPDATE documents SET etag = ?, body = ? WHERE number = ?', etag, body, number);
  }

  deleteDocument(number: number): void {
    this.run('DELETE FROM documents WHERE number = ?', number);
  }

  /** In the order of creation, those behind `after` whose text holds every one of `fragments`. */
  scan(container: number, scope: Scope, after: number, fragments: readonly string[]): Iterable<DocumentRow> {
    const place = 'partition' in scope
      ? { index: 'documents_by_partition', where: 'partition = ?', operands: [scope.partition] }
      : { index: 'documents_by_hash', where: 'hash >= ? AND hash < ?', operands: [scope.min, scope.max] };
    const filter = fragments.map(() => ' AND instr(body, ?) > 0').join('');
    const sql = `SELECT number, etag, body FROM documents INDEXED BY ${place.index}
      WHERE container = ? AND ${place.where} AND number > ?${filter} ORDER BY number`;
    return this.prepared(sql).iterate(container, ...place.operands, after, ...fragments) as unknown as Iterable<DocumentRow>;
  }

  private run(sql: string, ...operands: SQLInputValue[]): void {
    this.prepared(sql).run(...operands);
  }

  private first(sql: string, ...operands: SQLInputValue[]): unknown {
    return this.prepared(sql).get(...operands);
  }

  private resources(sql: string, ...operands: SQLInputValue[]): ResourceRow[] {
    return this.prepared(sql).all(...operands) as unknown as ResourceRow[];
  }

  private prepared(sql: string): StatementSync {
    const known = this.statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.file.prepare(sql);
    this.statements.set(sql, statement);
    return statement;
  }
}
