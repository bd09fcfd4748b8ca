// The statements of a SQLite database, each prepared once.

import type { DatabaseSync, StatementSync } from 'node:sqlite';

export class Statements {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  of(text: string): StatementSync {
    const known = this.#prepared.get(text);
    if (known) return known;
    const made = this.#database.prepare(text);
    this.#prepared.set(text, made);
    return made;
  }
}
