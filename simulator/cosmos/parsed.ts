// Documents as they were parsed last: queries read the same ones again and again. Nobody changes
// what is in here.

import type { JsonObject } from './sql/values.ts';
import type { DocumentRow } from './store.ts';

interface Kept {
  readonly etag: string;
  readonly characters: number;
  readonly document: JsonObject;
}

export class ParsedDocuments {
  private readonly most: number;
  private readonly kept = new Map<number, Kept>();
  private characters = 0;

  /** Keeps documents of so many characters in all; those that came first go first. */
  constructor(most = 16 * 1024 * 1024) {
    this.most = most;
  }

  of({ number, etag, body }: DocumentRow): JsonObject {
    const known = this.kept.get(number);
    // Every write of a document gives it another ETag.
    if (known?.etag === etag) return known.document;
    const document = JSON.parse(body) as JsonObject;
    this.forget(number);
    this.kept.set(number, { etag, characters: body.length, document });
    this.characters += body.length;
    for (const oldest of this.kept.keys()) {
      if (this.characters <= this.most) break;
      this.forget(oldest);
    }
    return document;
  }

  private forget(number: number): void {
    this.characters -= this.kept.get(number)?.characters ?? 0;
    this.kept.delete(number);
  }
}
