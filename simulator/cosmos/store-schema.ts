// The tables of the store, and the migration of files from earlier versions of the simulator.

import type { DatabaseSync } from 'node:sqlite';

/** The SQL expression for a document's `type` property. */
export const TYPE_EXPRESSION = "(body ->> '$.type')";

/** Each step migrates a file from one version to the next. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS writes (one INTEGER PRIMARY KEY CHECK (one = 1), count INTEGER NOT NULL);
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
  CREATE INDEX IF NOT EXISTS documents_by_hash ON documents (container, number, hash);`,
  // For old documents the creation counts as the last change.
  `ALTER TABLE documents ADD COLUMN write INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE documents ADD COLUMN expires INTEGER;
  UPDATE documents SET write = number;
  CREATE INDEX documents_by_write ON documents (container, write);
  CREATE INDEX documents_by_expiry ON documents (container, expires) WHERE expires IS NOT NULL;
  CREATE TABLE unique_values (
    container INTEGER NOT NULL, partition TEXT NOT NULL, value TEXT NOT NULL,
    document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE, PRIMARY KEY (container, partition, value)) WITHOUT ROWID;
  CREATE INDEX unique_values_by_document ON unique_values (document);`,
  `CREATE INDEX documents_by_type ON documents (container, ${TYPE_EXPRESSION}, number);`,
];

export function migrate(file: DatabaseSync): void {
  const { user_version: version } = file.prepare('PRAGMA user_version').get() as { user_version: number };
  for (const [index, step] of MIGRATIONS.entries()) {
    if (index >= version) file.exec(`BEGIN; ${step} PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
}
