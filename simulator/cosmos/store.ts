// Databases, containers and documents.

import type { SQLInputValue } from 'node:sqlite';
import { DataFile } from '../data-file.ts';
import type { TextFilter } from './sql/text-filter.ts';
import { TYPE_EXPRESSION, migrate } from './store-schema.ts';

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

/** What every write of a document sets. */
export interface WrittenDocument extends DocumentRow {
  /** The number of the write: the place among all changes. */
  readonly write: number;
  /** In seconds; null for never. */
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

/** The documents of one partition, or of one slice of the hash space. */
export type DocumentScope = { readonly partition: string } | { readonly min: string; readonly max: string };

export class CosmosStore extends DataFile {
  constructor(path: string) {
    super(path);
    migrate(this.sqlite);
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
    return this.first('SELECT number, body FROM containers WHERE parent = ? AND id = ?', database, id) as
      ResourceRow | undefined;
  }

  insertContainer(number: number, database: number, id: string, body: string): void {
    this.run('INSERT INTO containers VALUES (?, ?, ?, ?)', number, database, id, body);
  }

  /** `ttl` is the new time to live, which counts for the documents that are there, too. */
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

  /** The document that holds this value of a unique key in its partition. */
  uniqueValueOwner(container: number, partition: string, value: string): number | undefined {
    const row = this.first(
      'SELECT document FROM unique_values WHERE container = ? AND partition = ? AND value = ?',
      container,
      partition,
      value,
    );
    return (row as { document: number } | undefined)?.document;
  }

  /** Instead of those that the document held before. */
  setUniqueValues(container: number, partition: string, values: readonly string[], document: number): void {
    this.run('DELETE FROM unique_values WHERE document = ?', document);
    for (const value of values)
      this.run('INSERT INTO unique_values VALUES (?, ?, ?, ?)', container, partition, value, document);
  }

  /** In the order of creation, those behind `after` of these types whose text goes through the sieve. */
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

  /** As each document is now, in the order of its last change, those changed after that write. */
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

/** Which documents need not be looked at by a query. */
export interface ScanFilter {
  readonly text: TextFilter | undefined;
  readonly types: readonly string[] | undefined;
}

const sqlCondition = (sieve: TextFilter): string => {
  if (typeof sieve === 'string') return 'instr(body, ?) > 0';
  return 'all' in sieve
    ? `(${sieve.all.map(sqlCondition).join(' AND ')})`
    : `(${sieve.any.map(sqlCondition).join(' OR ')})`;
};
const filterTexts = (sieve: TextFilter): string[] =>
  typeof sieve === 'string' ? [sieve] : ('all' in sieve ? sieve.all : sieve.any).flatMap(filterTexts);

function scopeClause(scope: DocumentScope): {
  readonly index: string;
  readonly where: string;
  readonly operands: string[];
} {
  return 'partition' in scope
    ? { index: 'documents_by_partition', where: 'partition = ?', operands: [scope.partition] }
    : { index: 'documents_by_hash', where: 'hash >= ? AND hash < ?', operands: [scope.min, scope.max] };
}
