// A cache of parsed documents, because queries read the same documents again and again. Callers
// must not change a cached document.

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

  /** Caches documents with `maxCharacters` in total, and drops the oldest first. */
  constructor(maxCharacters = 16 * 1024 * 1024) {
    this.maxCharacters = maxCharacters;
  }

  parse({ number, etag, body }: DocumentRow): JsonObject {
    const known = this.cache.get(number);
    // Every write of a document changes its ETag.
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
