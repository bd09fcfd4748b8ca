// Parses JSON and records the position of each value, so that a finding can name its line. The
// parser accepts and rejects the same texts as JSON.parse.
import { formatJsonPath, type JsonPath } from './finding.ts';

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
      for (let length = path.length; length >= 0; length -= 1) {
        const offset = reader.offsets.get(formatJsonPath(path.slice(0, length)));
        if (offset !== undefined) return positionAt(lineOffsets, offset);
      }
      return positionAt(lineOffsets, 0);
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

class JsonParser {
  readonly offsets = new Map<string, number>();
  readonly duplicatePaths: JsonPath[] = [];
  offset = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  parseDocument(): unknown {
    const parseValue = this.value([]);
    this.consume(WHITESPACE);
    if (this.offset < this.text.length) throw new JsonSyntaxError('the text goes on after its end');
    return parseValue;
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

  private value(path: JsonPath): unknown {
    this.consume(WHITESPACE);
    if (path.length > MAX_DEPTH) throw new JsonSyntaxError(`values nest more than ${MAX_DEPTH} levels deep`);
    this.offsets.set(formatJsonPath(path), this.offset);
    if (this.consumeCharacter('{')) return this.parseObject(path);
    if (this.consumeCharacter('[')) return this.parseArray(path);
    const literal = this.consume(STRING) ?? this.consume(NUMBER) ?? this.consume(LITERAL);
    if (literal === undefined)
      throw new JsonSyntaxError(
        this.offset < this.text.length ? 'a value is expected here' : 'the text ends before its value does',
      );
    return JSON.parse(literal) as unknown;
  }

  private parseObject(path: JsonPath): unknown {
    const members = new Map<string, unknown>();
    if (this.consumeCharacter('}')) return {};
    for (;;) {
      this.consume(WHITESPACE);
      const name = this.consume(STRING);
      if (name === undefined) throw new JsonSyntaxError('a name in double quotes is expected here');
      const key = JSON.parse(name) as string;
      if (!this.consumeCharacter(':')) throw new JsonSyntaxError('a colon is expected here');
      if (members.has(key)) this.duplicatePaths.push([...path, key]);
      members.set(key, this.value([...path, key]));
      if (this.consumeCharacter('}')) return Object.fromEntries(members);
      if (!this.consumeCharacter(','))
        throw new JsonSyntaxError('a comma or a closing brace is expected here');
    }
  }

  private parseArray(path: JsonPath): unknown {
    const values: unknown[] = [];
    if (this.consumeCharacter(']')) return values;
    for (;;) {
      values.push(this.value([...path, values.length]));
      if (this.consumeCharacter(']')) return values;
      if (!this.consumeCharacter(','))
        throw new JsonSyntaxError('a comma or a closing bracket is expected here');
    }
  }
}
