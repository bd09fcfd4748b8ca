// Stores databases, containers and documents in SQLite.

import type { SQLInputValue } from 'node:sqlite';
import { DataFile } from '../data-file.ts';
import type { TextFilter } from './sql/text-filter.ts';
import { TYPE_EXPRESSION, migrate } from './store-schema.ts';

/** A row of databases or containers. The body is the resource in the response format. */
export interface ResourceRow {
  readonly number: number;
  readonly body: string;
}

export interface DocumentRow {
  readonly number: number;
  readonly etag: string;
  readonly body: string;
}

/** The values that every write of a document sets. */
export interface WrittenDocument extends DocumentRow {
  /** The number of the write. It is the document's place in the order of all changes. */
  readonly write: number;
  /** The expiry in seconds, or null for never. */
  readonly expires: number | null;
}

export interface NewDocument extends WrittenDocument {
  readonly container: number;
  readonly partition: string;
  readonly id: string;
  readonly hash: string;
}

export interface ChangedDocument {
  readonly write: number;
  readonly body: string;
}

/** The documents of one partition or of one slice of the hash space. */
export type DocumentScope = { readonly partition: string } | { readonly min: string; readonly max: string };

export class CosmosStore extends DataFile {
  constructor(path: string) {
    super(path);
    migrate(this.sqlite);
  }

  /** Returns a unique number for a write. New resources use it as their number too. */
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
    return this.first('SELECT number, body FROM containers WHERE parent = ? AND id = ?', database, id) as
      ResourceRow | undefined;
  }

  insertContainer(number: number, database: number, id: string, body: string): void {
    this.run('INSERT INTO containers VALUES (?, ?, ?, ?)', number, database, id, body);
  }

  /**
   * Replaces the resource of a container. The time to live `ttl` applies to the existing documents
   * too.
   */
  replaceContainer(number: number, body: string, ttl: number | undefined): void {
    this.run('UPDATE containers SET body = ? WHERE number = ?', body, number);
    const own = `coalesce(json_extract(body, '$.ttl'), $ttl)`;
    this.prepare(
      `UPDATE documents SET expires = CASE WHEN $ttl IS NULL OR ${own} = -1 THEN NULL ELSE ` +
        `json_extract(body, '$._ts') + ${own} END WHERE container = $container`,
    ).run({ $ttl: ttl ?? null, $container: number });
  }

  deleteContainer(number: number): void {
    this.run('DELETE FROM containers WHERE number = ?', number);
  }

  document(container: number, partition: string, id: string): DocumentRow | undefined {
    return this.first(
      'SELECT number, etag, body FROM documents WHERE container = ? AND partition = ? AND id = ?',
      container,
      partition,
      id,
    ) as DocumentRow | undefined;
  }

  insertDocument(row: NewDocument): void {
    this.run(
      'INSERT INTO documents (number, container, partition, id, hash, etag, body, write, ' +
        'expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      row.number,
      row.container,
      row.partition,
      row.id,
      row.hash,
      row.etag,
      row.body,
      row.write,
      row.expires,
    );
  }

  replaceDocument({ number, etag, body, write, expires }: WrittenDocument): void {
    this.run(
      'UPDATE documents SET etag = ?, body = ?, write = ?, expires = ? WHERE number = ?',
      etag,
      body,
      write,
      expires,
      number,
    );
  }

  deleteDocument(number: number): void {
    this.run('DELETE FROM documents WHERE number = ?', number);
  }

  deleteExpired(container: number, seconds: number): void {
    this.run('DELETE FROM documents WHERE container = ? AND expires <= ?', container, seconds);
  }

  /** Returns the document with this value of a unique key in its partition. */
  uniqueValueOwner(container: number, partition: string, value: string): number | undefined {
    const row = this.first(
      'SELECT document FROM unique_values WHERE container = ? AND partition = ? AND value = ?',
      container,
      partition,
      value,
    );
    return (row as { document: number } | undefined)?.document;
  }

  /** Replaces the unique values of a document. */
  setUniqueValues(container: number, partition: string, values: readonly string[], document: number): void {
    this.run('DELETE FROM unique_values WHERE document = ?', document);
    for (const value of values)
      this.run('INSERT INTO unique_values VALUES (?, ?, ?, ?)', container, partition, value, document);
  }

  /** Returns the documents after `after` that pass the filter, in the order of creation. */
  scan(
    container: number,
    scope: DocumentScope,
    after: number,
    { text, types }: ScanFilter,
  ): Iterable<DocumentRow> {
    const { index, where, operands } = scopeClause(scope);
    const byType = types !== undefined && !('partition' in scope);
    const kinds = byType ? ` AND ${TYPE_EXPRESSION} IN (${types.map(() => '?').join(', ')})` : '';
    const filter = text === undefined ? '' : ` AND ${sqlCondition(text)}`;
    const sql = `SELECT number, etag, body FROM documents INDEXED BY ${byType ? 'documents_by_type' : index}
      WHERE container = ? AND ${where} AND number > ?${kinds}${filter} ORDER BY number`;
    return this.prepare(sql).iterate(
      container,
      ...operands,
      after,
      ...(byType ? types : []),
      ...(text === undefined ? [] : filterTexts(text)),
    ) as unknown as Iterable<DocumentRow>;
  }

  /**
   * Returns the current documents with a change after the write `after`, in the order of their last
   * change.
   */
  changes(container: number, scope: DocumentScope, after: number): Iterable<ChangedDocument> {
    const { where, operands } = scopeClause(scope);
    const sql =
      'SELECT write, body FROM documents INDEXED BY documents_by_write WHERE container = ? AND ' +
      `${where} AND write > ? ORDER BY write`;
    return this.prepare(sql).iterate(container, ...operands, after) as unknown as Iterable<ChangedDocument>;
  }

  private resources(sql: string, ...operands: SQLInputValue[]): ResourceRow[] {
    return this.all(sql, ...operands) as ResourceRow[];
  }
}

/** A filter that excludes documents from a query before the exact check. */
export interface ScanFilter {
  readonly text: TextFilter | undefined;
  readonly types: readonly string[] | undefined;
}

const sqlCondition = (filter: TextFilter): string => {
  if (typeof filter === 'string') return 'instr(body, ?) > 0';
  return 'all' in filter
    ? `(${filter.all.map(sqlCondition).join(' AND ')})`
    : `(${filter.any.map(sqlCondition).join(' OR ')})`;
};
const filterTexts = (filter: TextFilter): string[] =>
  typeof filter === 'string' ? [filter] : ('all' in filter ? filter.all : filter.any).flatMap(filterTexts);

function scopeClause(scope: DocumentScope): {
  readonly index: string;
  readonly where: string;
  readonly operands: string[];
} {
  return 'partition' in scope
    ? { index: 'documents_by_partition', where: 'partition = ?', operands: [scope.partition] }
    : { index: 'documents_by_hash', where: 'hash >= ? AND hash < ?', operands: [scope.min, scope.max] };
}
