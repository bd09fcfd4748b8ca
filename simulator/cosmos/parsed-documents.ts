// Documents as they were parsed last: queries read the same ones again and again. Nobody changes
// what is in here.

import type { JsonObject } from './sql/values.ts';
import type { DocumentRow } from './store.ts';

interface CachedDocument {
  readonly etag: string;
  readonly characters: number;
  readonly document: JsonObject;
}

export class ParsedDocuments {
  private readonly maxCharacters: number;
  private readonly cache = new Map<number, CachedDocument>();
  private characters = 0;

  /** Keeps documents of so many characters in all; those that came first go first. */
  constructor(most = 16 * 1024 * 1024) {
    this.maxCharacters = most;
  }

  parse({ number, etag, body }: DocumentRow): JsonObject {
    const known = this.cache.get(number);
    // Every write of a document gives it another ETag.
    if (known?.etag === etag) return known.document;
    const document = JSON.parse(body) as JsonObject;
    this.remove(number);
    this.cache.set(number, { etag, characters: body.length, document });
    this.characters += body.length;
    for (const oldest of this.cache.keys()) {
      if (this.characters <= this.maxCharacters) break;
      this.remove(oldest);
    }
    return document;
  }

  private remove(number: number): void {
    this.characters -= this.cache.get(number)?.characters ?? 0;
    this.cache.delete(number);
  }
}
