// Site Recovery's memory: one SQLite file, with everything at hand in memory. What is written in one transaction is there or not there
// after a kill, never half.

import { DatabaseSync, type StatementSync } from 'node:sqlite';

import { DEFAULT_LAG, type Due, type DueKind, type ItemRecord, type JobRecord, type Lag, type UnknownCall, type WriteRecord } from './records.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS items (key TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS writes (sequence INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS unknown (sequence INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS due (sequence INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, task TEXT) STRICT;
  CREATE INDEX IF NOT EXISTS due_by_time ON due (at, sequence);
`;

interface DocumentRow { readonly document: string }
interface DueRow { readonly sequence: number; readonly at: number; readonly kind: string; readonly subject: string; readonly task: string | null }

export class Store {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #items = new Map<string, ItemRecord>();
  readonly #jobs = new Map<string, JobRecord>();
  /** Items by where they live: `vault|container|name`, in lower case. */
  readonly #places = new Map<string, string>();

  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;');
    this.#database.exec(SCHEMA);
    this.#load();
  }

  /** All or nothing, in the file and in memory. */
  transaction<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      this.#load();
      throw error;
    }
  }

  item(key: string): ItemRecord {
    const item = this.#items.get(key);
    if (!item) throw new Error(`No item has the key ${key}.`);
    return item;
  }

  itemAt(vault: string, container: string, name: string): ItemRecord | undefined {
    const key = this.#places.get(place(vault, container, name));
    return key === undefined ? undefined : this.#items.get(key);
  }

  items(): Iterable<ItemRecord> {
    return this.#items.values();
  }

  putItem(item: ItemRecord): void {
    const before = this.#items.get(item.key);
    if (before) this.#places.delete(placeOf(before));
    this.#remember(item);
    this.#run('INSERT INTO items (key, document) VALUES (?, ?) ON CONFLICT DO UPDATE SET document = excluded.document', item.key, JSON.stringify(item));
  }

  job(id: string): JobRecord | undefined {
    return this.#jobs.get(id);
  }

  /** In the order of their acceptance. */
  jobs(): Iterable<JobRecord> {
    return this.#jobs.values();
  }

  get jobCount(): number {
    return this.#jobs.size;
  }

  putJob(job: JobRecord): void {
    this.#jobs.set(job.id, job);
    this.#run('INSERT INTO jobs (id, document) VALUES (?, ?) ON CONFLICT DO UPDATE SET document = excluded.document', job.id, JSON.stringify(job));
  }

  addWrite(write: WriteRecord): void {
    this.#run('INSERT INTO writes (document) VALUES (?)', JSON.stringify(write));
  }

  writes(): WriteRecord[] {
    return this.#documents<WriteRecord>('writes');
  }

  addUnknown(call: UnknownCall): void {
    this.#run('INSERT INTO unknown (document) VALUES (?)', JSON.stringify(call));
  }

  unknown(): UnknownCall[] {
    return this.#documents<UnknownCall>('unknown');
  }

  schedule(at: number, kind: DueKind, subject: string, task: string | null = null): void {
    this.#run('INSERT INTO due (at, kind, subject, task) VALUES (?, ?, ?, ?)', Math.ceil(at), kind, subject, task);
  }

  nextDue(): Due | undefined {
    const row = this.#statement('SELECT sequence, at, kind, subject, task FROM due ORDER BY at, sequence LIMIT 1').get() as DueRow | undefined;
    return row && { ...row, kind: row.kind as DueKind };
  }

  done(due: Due): void {
    this.#run('DELETE FROM due WHERE sequence = ?', due.sequence);
  }

  get lag(): Lag {
    return { ...DEFAULT_LAG, ...(this.setting('lag') as Partial<Lag> | undefined) };
  }

  setting(name: string): unknown {
    const row = this.#statement('SELECT document FROM settings WHERE name = ?').get(name) as DocumentRow | undefined;
    return row && (JSON.parse(row.document) as unknown);
  }

  putSetting(name: string, value: unknown): void {
    this.#run('INSERT INTO settings (name, document) VALUES (?, ?) ON CONFLICT DO UPDATE SET document = excluded.document', name, JSON.stringify(value));
  }

  close(): void {
    this.#database.close();
  }

  #load(): void {
    this.#items.clear();
    this.#jobs.clear();
    this.#places.clear();
    for (const item of this.#documents<ItemRecord>('items')) this.#remember(item);
    const jobs = this.#documents<JobRecord>('jobs').sort((one, other) => one.sequence - other.sequence);
    for (const job of jobs) this.#jobs.set(job.id, job);
  }

  #remember(item: ItemRecord): void {
    this.#items.set(item.key, item);
    this.#places.set(placeOf(item), item.key);
  }

  #documents<T>(table: 'items' | 'jobs' | 'writes' | 'unknown'): T[] {
    const rows = this.#statement(`SELECT document FROM ${table} ORDER BY rowid`).all() as unknown as DocumentRow[];
    return rows.map((row) => JSON.parse(row.document) as T);
  }

  #run(text: string, ...values: (string | number | null)[]): void {
    this.#statement(text).run(...values);
  }

  #statement(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known) return known;
    const made = this.#database.prepare(text);
    this.#statements.set(text, made);
    return made;
  }
}

const place = (vault: string, container: string, name: string): string => `${vault}|${container}|${name}`.toLowerCase();
const placeOf = (item: ItemRecord): string => place(item.vault, item.container, item.name);
