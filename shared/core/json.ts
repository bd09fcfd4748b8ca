// Parses JSON and records the position of each value, so that a finding can name its line. The
// parser accepts and rejects the same texts as JSON.parse.
import type { JsonPath } from './finding.ts';

/** A position in a text; both numbers start at 1. */
export interface JsonPosition {
  readonly line: number;
  readonly column: number;
}

/** A parsed text with the positions of its values. */
export interface ParsedJson {
  readonly value: unknown;
  /** Returns the position of the value, or of its nearest existing parent. */
  readonly positionOf: (path: JsonPath) => JsonPosition;
  /** Paths of duplicate names in one object. The later value counts; the earlier one has no effect. */
  readonly duplicatePaths: readonly JsonPath[];
}

/** The reason and the position of a syntax error. */
export interface InvalidJson {
  readonly reason: string;
  readonly position: JsonPosition;
}

const WHITESPACE = /[ \t\n\r]*/y;
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LITERAL = /true|false|null/y;
/** A plan has about seven levels. The limit is far above any legitimate text. */
const MAX_DEPTH = 100;

class JsonSyntaxError extends Error {}

/** Parses a text; a syntax error gives InvalidJson instead of an exception. */
export function parseJson(text: string): ParsedJson | InvalidJson {
  const reader = new JsonParser(text);
  try {
    const value = reader.parseDocument();
    const lineOffsets = lineOffsetsOf(text);
    const positionOf = (path: JsonPath): JsonPosition => {
      let place = reader.root;
      for (const part of path) {
        const child = place.children?.get(part);
        if (!child) break;
        place = child;
      }
      return positionAt(lineOffsets, place.offset);
    };
    return { value, positionOf, duplicatePaths: reader.duplicatePaths };
  } catch (failure) {
    if (failure instanceof JsonSyntaxError)
      return { reason: failure.message, position: positionAt(lineOffsetsOf(text), reader.offset) };
    throw failure;
  }
}

const lineOffsetsOf = (text: string): readonly number[] => [
  0,
  ...[...text.matchAll(/\r\n|[\r\n]/g)].map((end) => end.index + end[0].length),
];

function positionAt(lineOffsets: readonly number[], offset: number): JsonPosition {
  let [low, high] = [0, lineOffsets.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((lineOffsets[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (lineOffsets[low] ?? 0) + 1 };
}

/** The place of a value in the text, and of the values in it. */
interface Place {
  readonly offset: number;
  children?: Map<string | number, Place>;
}

class JsonParser {
  root: Place = { offset: 0 };
  readonly duplicatePaths: JsonPath[] = [];
  offset = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  parseDocument(): unknown {
    this.consume(WHITESPACE);
    this.root = { offset: this.offset };
    const value = this.value(this.root, []);
    this.consume(WHITESPACE);
    if (this.offset < this.text.length) throw new JsonSyntaxError('the text goes on after its end');
    return value;
  }

  private consume(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.offset;
    const found = pattern.exec(this.text)?.[0];
    this.offset += found?.length ?? 0;
    return found;
  }

  private consumeCharacter(wanted: string): boolean {
    this.consume(WHITESPACE);
    if (this.text[this.offset] !== wanted) return false;
    this.offset += 1;
    return true;
  }

  /**
   * Parses the value at `path` in `parent`. The places form a tree: texts of whole paths would grow
   * with the square of a hostile body.
   */
  private child(parent: Place, path: JsonPath, key: string | number): unknown {
    this.consume(WHITESPACE);
    const place: Place = { offset: this.offset };
    (parent.children ??= new Map()).set(key, place);
    return this.value(place, [...path, key]);
  }

  private value(place: Place, path: JsonPath): unknown {
    if (path.length > MAX_DEPTH) throw new JsonSyntaxError(`values nest more than ${MAX_DEPTH} levels deep`);
    if (this.consumeCharacter('{')) return this.parseObject(place, path);
    if (this.consumeCharacter('[')) return this.parseArray(place, path);
    const literal = this.consume(STRING) ?? this.consume(NUMBER) ?? this.consume(LITERAL);
    if (literal === undefined)
      throw new JsonSyntaxError(
        this.offset < this.text.length ? 'a value is expected here' : 'the text ends before its value does',
      );
    return JSON.parse(literal) as unknown;
  }

  private parseObject(place: Place, path: JsonPath): unknown {
    const members = new Map<string, unknown>();
    if (this.consumeCharacter('}')) return {};
    for (;;) {
      this.consume(WHITESPACE);
      const name = this.consume(STRING);
      if (name === undefined) throw new JsonSyntaxError('a name in double quotes is expected here');
      const key = JSON.parse(name) as string;
      if (!this.consumeCharacter(':')) throw new JsonSyntaxError('a colon is expected here');
      if (members.has(key)) this.duplicatePaths.push([...path, key]);
      members.set(key, this.child(place, path, key));
      if (this.consumeCharacter('}')) return Object.fromEntries(members);
      if (!this.consumeCharacter(','))
        throw new JsonSyntaxError('a comma or a closing brace is expected here');
    }
  }

  private parseArray(place: Place, path: JsonPath): unknown {
    const values: unknown[] = [];
    if (this.consumeCharacter(']')) return values;
    for (;;) {
      values.push(this.child(place, path, values.length));
      if (this.consumeCharacter(']')) return values;
      if (!this.consumeCharacter(','))
        throw new JsonSyntaxError('a comma or a closing bracket is expected here');
    }
  }
}
