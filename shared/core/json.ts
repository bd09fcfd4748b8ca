// Reads JSON and remembers where each value stands, so that a finding can name its line. What it
// reads and refuses is what JSON.parse does.
import { pathText, type Path } from './finding.ts';

export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface ReadJson {
  readonly value: unknown;
  /** Where the value at a path stands, or what encloses it when it is not there itself. */
  readonly placeOf: (path: Path) => Place;
  /** Of names that stand twice in one object: the later one counts, and the other was written for nothing. */
  readonly twice: readonly Path[];
}

export interface BadJson {
  readonly wrong: string;
  readonly place: Place;
}

const SPACE = /[ \t\n\r]*/y;
const TEXT = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
/** A plan has seven levels or so; nothing that is meant well has more than this. */
const DEEPEST = 100;

class Unreadable extends Error {}

export function readJson(text: string): ReadJson | BadJson {
  const reader = new Reader(text);
  try {
    const value = reader.whole();
    const starts = lineStarts(text);
    const placeOf = (path: Path): Place => {
      for (let length = path.length; length >= 0; length -= 1) {
        const offset = reader.offsets.get(pathText(path.slice(0, length)));
        if (offset !== undefined) return placeAt(starts, offset);
      }
      return placeAt(starts, 0);
    };
    return { value, placeOf, twice: reader.twice };
  } catch (failure) {
    if (failure instanceof Unreadable)
      return { wrong: failure.message, place: placeAt(lineStarts(text), reader.at) };
    throw failure;
  }
}

const lineStarts = (text: string): readonly number[] => [
  0,
  ...[...text.matchAll(/\r\n|[\r\n]/g)].map((end) => end.index + end[0].length),
];

function placeAt(starts: readonly number[], offset: number): Place {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}

class Reader {
  readonly offsets = new Map<string, number>();
  readonly twice: Path[] = [];
  at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  whole(): unknown {
    const value = this.value([]);
    this.take(SPACE);
    if (this.at < this.text.length) throw new Unreadable('the text goes on after its end');
    return value;
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  private mark(wanted: string): boolean {
    this.take(SPACE);
    if (this.text[this.at] !== wanted) return false;
    this.at += 1;
    return true;
  }

  private value(path: Path): unknown {
    this.take(SPACE);
    if (path.length > DEEPEST) throw new Unreadable(`values stand more than ${DEEPEST} deep in one another`);
    this.offsets.set(pathText(path), this.at);
    if (this.mark('{')) return this.object(path);
    if (this.mark('[')) return this.list(path);
    const plain = this.take(TEXT) ?? this.take(NUMBER) ?? this.take(WORD);
    if (plain === undefined)
      throw new Unreadable(
        this.at < this.text.length ? 'a value is expected here' : 'the text ends before its value does',
      );
    return JSON.parse(plain) as unknown;
  }

  private object(path: Path): unknown {
    const members = new Map<string, unknown>();
    if (this.mark('}')) return {};
    for (;;) {
      this.take(SPACE);
      const name = this.take(TEXT);
      if (name === undefined) throw new Unreadable('a name in double quotes is expected here');
      const key = JSON.parse(name) as string;
      if (!this.mark(':')) throw new Unreadable('a colon is expected here');
      if (members.has(key)) this.twice.push([...path, key]);
      members.set(key, this.value([...path, key]));
      if (this.mark('}')) return Object.fromEntries(members);
      if (!this.mark(',')) throw new Unreadable('a comma or a closing brace is expected here');
    }
  }

  private list(path: Path): unknown {
    const values: unknown[] = [];
    if (this.mark(']')) return values;
    for (;;) {
      values.push(this.value([...path, values.length]));
      if (this.mark(']')) return values;
      if (!this.mark(',')) throw new Unreadable('a comma or a closing bracket is expected here');
    }
  }
}
