// Reads the stored state from outside while the app is idle: the documents of Cosmos DB, and all of
// Azure. It shows whether a request changed anything at all.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The state at one moment. */
export interface Snapshot {
  /** The ETag of each document by its place. The place ends in the document's type. */
  readonly documents: ReadonlyMap<string, string>;
  /** Items, jobs, writes and resources of Azure. */
  readonly azure: string;
}

interface Row {
  readonly place: string;
  readonly etag: string;
}

/** Reads one table or several. It reads again only after a write to the file. */
class CachedRead<T> {
  readonly sqlite: DatabaseSync;
  readonly #read: (sqlite: DatabaseSync) => T;
  #version = -1;
  #value: T | undefined;

  constructor(file: string, read: (sqlite: DatabaseSync) => T) {
    this.sqlite = new DatabaseSync(file, { readOnly: true });
    this.sqlite.exec('PRAGMA busy_timeout = 5000');
    this.#read = read;
  }

  now(): T {
    const { data_version: version } = this.sqlite.prepare('PRAGMA data_version').get() as {
      data_version: number;
    };
    if (this.#value === undefined || version !== this.#version) this.#value = this.#read(this.sqlite);
    this.#version = version;
    return this.#value;
  }
}

const tablesDigest =
  (tables: readonly string[]) =>
  (sqlite: DatabaseSync): string => {
    const hash = createHash('sha256');
    for (const table of tables)
      for (const row of sqlite.prepare(`SELECT document FROM ${table} ORDER BY rowid`).iterate())
        hash.update((row as { document: string }).document);
    return hash.digest('hex');
  };

const DOCUMENTS_QUERY = `SELECT containers.id || ' ' || documents.partition || ' ' || documents.id || ' ' || coalesce(json_extract(documents.body, '$.type'), '') AS place, documents.etag AS etag
  FROM documents JOIN containers ON containers.number = documents.container`;

export class StoredState {
  readonly #cosmos: CachedRead<ReadonlyMap<string, string>>;
  readonly #azure: readonly CachedRead<string>[];
  readonly #bus: DatabaseSync;

  constructor(data: string) {
    this.#cosmos = new CachedRead(
      join(data, 'cosmos.sqlite'),
      (sqlite) =>
        new Map(
          (sqlite.prepare(DOCUMENTS_QUERY).all() as unknown as Row[]).map(({ place, etag }) => [place, etag]),
        ),
    );
    this.#azure = [
      new CachedRead(join(data, 'siterecovery.sqlite'), tablesDigest(['items', 'jobs', 'writes'])),
      new CachedRead(join(data, 'azure.sqlite'), tablesDigest(['resources'])),
    ];
    this.#bus = new DatabaseSync(join(data, 'servicebus.sqlite'), { readOnly: true });
  }

  /** The number of messages on a queue, including locked ones. */
  countMessages(queue: string): number {
    return (
      this.#bus
        .prepare(
          'SELECT count(*) AS count FROM messages JOIN entities ON entities.number = ' +
            'messages.mailbox WHERE entities.address = ?',
        )
        .get(queue) as { count: number }
    ).count;
  }

  takeSnapshot(): Snapshot {
    return {
      documents: this.#cosmos.now(),
      azure: this.#azure.map((cachedRead) => cachedRead.now()).join(' '),
    };
  }

  documents<T>(...types: readonly string[]): T[] {
    const rows = this.#cosmos.sqlite
      .prepare(
        `SELECT body FROM documents WHERE json_extract(body, '$.type') IN ` +
          `(${types.map(() => '?').join(', ')})`,
      )
      .all(...types);
    return (rows as unknown as { body: string }[]).map(({ body }) => JSON.parse(body) as T);
  }

  close(): void {
    for (const { sqlite } of [this.#cosmos, ...this.#azure]) sqlite.close();
    this.#bus.close();
  }
}

/** The differences, each as `container partition id type`. */
export function changesBetween(before: Snapshot, after: Snapshot): readonly string[] {
  if (before.documents === after.documents && before.azure === after.azure) return [];
  const changed = [...after.documents]
    .filter(([place, etag]) => before.documents.get(place) !== etag)
    .map(([place]) => place);
  const gone = [...before.documents.keys()].filter((place) => !after.documents.has(place));
  return [...changed, ...gone, ...(before.azure === after.azure ? [] : ['content of Azure'])];
}
