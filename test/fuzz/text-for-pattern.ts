// Makes a text that matches a regular expression, for the patterns of the schemas: classes, groups,
// alternatives, counts. It throws on an unknown pattern.
import type { RandomDraw } from './random-draw.ts';

const ESCAPED: Readonly<Record<string, string>> = {
  d: '0123456789',
  w: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_',
  s: ' ',
};
/** Characters for `.` and for negated classes. */
const PRINTABLE = 'abcdefghijklmnopqrstuvwxyz0123456789-_.';
const MAX_REPEATS = 6;

type Piece = (draw: RandomDraw) => string;

class PatternReader {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  alternatives(): Piece {
    const all = [this.#sequence()];
    while (this.#take('|')) all.push(this.#sequence());
    return (draw) => draw.pick(all)(draw);
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#pattern.length;
  }

  #take(text: string): boolean {
    if (!this.#pattern.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #sequence(): Piece {
    const pieces: Piece[] = [];
    while (!this.isAtEnd && !'|)'.includes(this.#pattern[this.#at] ?? '')) {
      if (this.#take('^') || this.#take('$')) continue;
      pieces.push(this.#repeated(this.#one()));
    }
    return (draw) => pieces.map((piece) => piece(draw)).join('');
  }

  #one(): Piece {
    if (this.#take('(')) {
      this.#take('?:');
      const inner = this.alternatives();
      if (!this.#take(')')) throw new Error(`A group of ${this.#pattern} has no end that is known here.`);
      return inner;
    }
    const letters = this.#take('[') ? this.#class() : this.#letter();
    return (draw) => letters.charAt(draw.int(0, letters.length - 1));
  }

  #letter(): string {
    const sign = this.#pattern[this.#at++] ?? '';
    if (sign !== '\\') return sign === '.' ? PRINTABLE : sign;
    const escaped = this.#pattern[this.#at++] ?? '';
    return ESCAPED[escaped] ?? escaped;
  }

  #class(): string {
    const isNot = this.#take('^');
    let letters = '';
    while (!this.#take(']')) {
      const character = this.#pattern[this.#at] === '.' ? (this.#at++, '.') : this.#letter();
      const end =
        character.length === 1 && this.#pattern[this.#at] === '-' && this.#pattern[this.#at + 1] !== ']'
          ? (this.#at++, this.#letter())
          : undefined;
      letters +=
        end === undefined
          ? character
          : Array.from({ length: end.charCodeAt(0) - character.charCodeAt(0) + 1 }, (_, i) =>
              String.fromCharCode(character.charCodeAt(0) + i),
            ).join('');
    }
    return isNot
      ? PRINTABLE.split('')
          .filter((letter) => !letters.includes(letter))
          .join('')
      : letters;
  }

  #repeated(piece: Piece): Piece {
    const [from, to] = this.#count();
    return (draw) =>
      Array.from({ length: draw.int(from, Math.min(to, from + MAX_REPEATS)) }, () => piece(draw)).join('');
  }

  #count(): readonly [number, number] {
    if (this.#take('?')) return [0, 1];
    if (this.#take('*')) return [0, Infinity];
    if (this.#take('+')) return [1, Infinity];
    const [whole, from = '', comma, to = ''] =
      /^\{(\d+)(,?)(\d*)\}/.exec(this.#pattern.slice(this.#at)) ?? [];
    if (whole === undefined) return [1, 1];
    this.#at += whole.length;
    return [Number(from), comma === '' ? Number(from) : to === '' ? Infinity : Number(to)];
  }
}

const cachedPieces = new Map<string, Piece>();

export function textForPattern(pattern: string, draw: RandomDraw): string {
  let piece = cachedPieces.get(pattern);
  if (!piece) {
    const reader = new PatternReader(pattern);
    piece = reader.alternatives();
    if (!reader.isAtEnd) throw new Error(`The pattern ${pattern} is not known here.`);
    cachedPieces.set(pattern, piece);
  }
  return piece(draw);
}
