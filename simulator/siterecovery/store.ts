// The store of Site Recovery: one SQLite file, with all records in memory too. After a kill, a
// transaction is either complete or absent, never partial.

import { DataFile } from '../data-file.ts';
import {
  configurationPath,
  type ConfigurationRecords,
  type ConfigurationKind,
  type ContainerPath,
} from './configuration-records.ts';
import {
  DEFAULT_READ_LAG,
  type DueEvent,
  type DueKind,
  type ItemRecord,
  type JobRecord,
  type ReadLag,
  type UnknownCall,
  type WriteRecord,
} from './records.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS items (key TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS ground (vault TEXT NOT NULL, kind TEXT NOT NULL, path TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (vault, kind, path)) STRICT;
  CREATE TABLE IF NOT EXISTS writes (sequence INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS unknown (sequence INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS due (sequence INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, task TEXT) STRICT;
  CREATE INDEX IF NOT EXISTS due_by_time ON due (at, sequence);
`;

interface DocumentRow {
  readonly document: string;
}
interface ConfigurationDocumentRow {
  readonly vault: string;
  readonly kind: string;
  readonly path: string;
  readonly document: string;
}
interface DueRow {
  readonly sequence: number;
  readonly at: number;
  readonly kind: string;
  readonly subject: string;
  readonly task: string | null;
}

export class SiteRecoveryStore {
  readonly #file: DataFile;
  readonly #items = new Map<string, ItemRecord>();
  readonly #jobs = new Map<string, JobRecord>();
  /** Item keys by place: `vault|fabric|container|name`, in lower case. */
  readonly #places = new Map<string, string>();
  /** By `vault|kind`, then by path in lower case. */
  readonly #configuration = new Map<string, Map<string, unknown>>();
  readonly #settings = new Map<string, unknown>();

  constructor(file: string) {
    this.#file = new DataFile(file, SCHEMA);
    this.#load();
  }

  /**
   * Commits all changes of `work` or none, in the file and in memory. A nested call becomes part of
   * the outer transaction.
   */
  transaction<T>(work: () => T): T {
    return this.#file.transaction(work, () => this.#load());
  }

  item(key: string): ItemRecord | undefined {
    return this.#items.get(key);
  }

  requireItem(key: string): ItemRecord {
    const item = this.#items.get(key);
    if (!item) throw new Error(`No item has the key ${key}.`);
    return item;
  }

  findItem(vault: string, place: ContainerPath, name: string): ItemRecord | undefined {
    const key = this.#places.get(itemPathKey(vault, place, name));
    return key === undefined ? undefined : this.#items.get(key);
  }

  items(): Iterable<ItemRecord> {
    return this.#items.values();
  }

  putItem(item: ItemRecord): void {
    const before = this.#items.get(item.key);
    if (before) this.#places.delete(itemPathOf(before));
    this.#remember(item);
    this.#file.run(
      'INSERT INTO items (key, document) VALUES (?, ?) ON CONFLICT DO UPDATE SET document = ' +
        'excluded.document',
      item.key,
      JSON.stringify(item),
    );
  }

  removeItem(key: string): void {
    const before = this.#items.get(key);
    if (!before) return;
    this.#places.delete(itemPathOf(before));
    this.#items.delete(key);
    this.#file.run('DELETE FROM items WHERE key = ?', key);
  }

  findConfiguration<Kind extends ConfigurationKind>(
    vault: string,
    kind: Kind,
    path: string,
  ): ConfigurationRecords[Kind] | undefined {
    return this.#configurationOf(vault, kind).get(path.toLowerCase()) as
      ConfigurationRecords[Kind] | undefined;
  }

  /** In the order of creation. */
  listConfiguration<Kind extends ConfigurationKind>(vault: string, kind: Kind): ConfigurationRecords[Kind][] {
    return [...this.#configurationOf(vault, kind).values()] as ConfigurationRecords[Kind][];
  }

  putConfiguration<Kind extends ConfigurationKind>(
    vault: string,
    kind: Kind,
    thing: ConfigurationRecords[Kind],
  ): void {
    const path = configurationPath[kind](thing).toLowerCase();
    this.#configurationOf(vault, kind).set(path, thing);
    this.#file.run(
      'INSERT INTO ground (vault, kind, path, document) VALUES (?, ?, ?, ?) ON CONFLICT DO ' +
        'UPDATE SET document = excluded.document',
      vault,
      kind,
      path,
      JSON.stringify(thing),
    );
  }

  removeConfiguration(vault: string, kind: ConfigurationKind, path: string): void {
    this.#configurationOf(vault, kind).delete(path.toLowerCase());
    this.#file.run(
      'DELETE FROM ground WHERE vault = ? AND kind = ? AND path = ?',
      vault,
      kind,
      path.toLowerCase(),
    );
  }

  job(id: string): JobRecord | undefined {
    return this.#jobs.get(id);
  }

  /** In the order of acceptance. */
  jobs(): Iterable<JobRecord> {
    return this.#jobs.values();
  }

  get jobCount(): number {
    return this.#jobs.size;
  }

  putJob(job: JobRecord): void {
    this.#jobs.set(job.id, job);
    this.#file.run(
      'INSERT INTO jobs (id, document) VALUES (?, ?) ON CONFLICT DO UPDATE SET document = excluded.document',
      job.id,
      JSON.stringify(job),
    );
  }

  addWrite(write: WriteRecord): void {
    this.#file.run('INSERT INTO writes (document) VALUES (?)', JSON.stringify(write));
  }

  writes(): WriteRecord[] {
    return this.#documents<WriteRecord>('writes');
  }

  addUnknown(call: UnknownCall): void {
    this.#file.run('INSERT INTO unknown (document) VALUES (?)', JSON.stringify(call));
  }

  unknown(): UnknownCall[] {
    return this.#documents<UnknownCall>('unknown');
  }

  schedule(at: number, kind: DueKind, subject: string, task: string | null = null): void {
    this.#file.run(
      'INSERT INTO due (at, kind, subject, task) VALUES (?, ?, ?, ?)',
      Math.ceil(at),
      kind,
      subject,
      task,
    );
  }

  nextDue(): DueEvent | undefined {
    const row = this.#file.first(
      'SELECT sequence, at, kind, subject, task FROM due ORDER BY at, sequence LIMIT 1',
    ) as DueRow | undefined;
    return row && { ...row, kind: row.kind as DueKind };
  }

  removeDue(due: DueEvent): void {
    this.#file.run('DELETE FROM due WHERE sequence = ?', due.sequence);
  }

  get lag(): ReadLag {
    return { ...DEFAULT_READ_LAG, ...(this.setting('lag') as Partial<ReadLag> | undefined) };
  }

  setting(name: string): unknown {
    return this.#settings.get(name);
  }

  putSetting(name: string, value: unknown): void {
    this.#settings.set(name, value);
    this.#file.run(
      'INSERT INTO settings (name, document) VALUES (?, ?) ON CONFLICT DO UPDATE SET document ' +
        '= excluded.document',
      name,
      JSON.stringify(value),
    );
  }

  close(): void {
    this.#file.close();
  }

  #load(): void {
    this.#items.clear();
    this.#jobs.clear();
    this.#places.clear();
    this.#configuration.clear();
    this.#settings.clear();
    for (const { name, document } of this.#file.all('SELECT name, document FROM settings') as {
      name: string;
      document: string;
    }[])
      this.#settings.set(name, JSON.parse(document));
    const rows = this.#file.all(
      'SELECT vault, kind, path, document FROM ground ORDER BY rowid',
    ) as ConfigurationDocumentRow[];
    for (const { vault, kind, path, document } of rows)
      this.#configurationOf(vault, kind).set(path, JSON.parse(document));
    for (const item of this.#documents<ItemRecord>('items')) this.#remember(item);
    const jobs = this.#documents<JobRecord>('jobs').sort((left, right) => left.sequence - right.sequence);
    for (const job of jobs) this.#jobs.set(job.id, job);
  }

  #configurationOf(vault: string, kind: string): Map<string, unknown> {
    const key = `${vault}|${kind}`;
    const known = this.#configuration.get(key);
    if (known) return known;
    const made = new Map<string, unknown>();
    this.#configuration.set(key, made);
    return made;
  }

  #remember(item: ItemRecord): void {
    this.#items.set(item.key, item);
    this.#places.set(itemPathOf(item), item.key);
  }

  #documents<T>(table: 'items' | 'jobs' | 'writes' | 'unknown'): T[] {
    const rows = this.#file.all(`SELECT document FROM ${table} ORDER BY rowid`) as DocumentRow[];
    return rows.map((row) => JSON.parse(row.document) as T);
  }
}

const itemPathKey = (vault: string, { fabric, container }: ContainerPath, name: string): string =>
  `${vault}|${fabric}|${container}|${name}`.toLowerCase();
const itemPathOf = (item: ItemRecord): string => itemPathKey(item.vault, item.place, item.name);
