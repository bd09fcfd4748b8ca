// Splits the text of a query into tokens.

import { queryError } from '../errors.ts';

export type TokenKind = 'name' | 'parameter' | 'string' | 'number' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** The source text, or the value of a string. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Keywords cannot be names of properties, aliases or documents without quotes and brackets: use
 * `c["order"]`, not `c.order`.
 */
const KEYWORDS = new Set(
  (
    'AND ARRAY AS ASC BETWEEN BY DESC DISTINCT ESCAPE EXISTS FROM GROUP IN JOIN LEFT LIKE ' +
    'LIMIT NOT OFFSET OR ORDER RANK RIGHT SELECT TOP VALUE WHERE'
  ).split(' '),
);
const CONSTANTS = new Set(['true', 'false', 'null', 'undefined', 'udf']);
const BLANK = /\s*/y;
const TOKEN =
  /(?<name>[A-Za-z_][A-Za-z0-9_]*)|(?<parameter>@[A-Za-z0-9_]+)|(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<symbol>\?\?|\|\||!=|<=|>=|[-+*/%=<>()[\]{},.:?&|^~])/sy;
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|(.))/gs;
const ESCAPED: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (let position = skipBlank(text, 0); position < text.length; position = skipBlank(text, position)) {
    TOKEN.lastIndex = position;
    const found = TOKEN.exec(text);
    if (found === null) throw syntaxError(text[position] ?? '', position, position + 1);
    const end = TOKEN.lastIndex;
    const [kind, written] = Object.entries(found.groups ?? {}).find(
      ([, value]) => (value as string | undefined) !== undefined,
    ) as [TokenKind, string];
    tokens.push({
      kind,
      text: kind === 'string' ? unescape(written, position, end) : written,
      start: position,
      end,
    });
    position = end;
  }
  tokens.push({ kind: 'end', text: '', start: text.length, end: text.length });
  return tokens;
}

export function syntaxError(near: string, start: number, end: number) {
  return queryError('SC1001', `Syntax error, incorrect syntax near '${near}'.`, start, end);
}

function skipBlank(text: string, from: number): number {
  BLANK.lastIndex = from;
  BLANK.exec(text);
  return BLANK.lastIndex;
}

function unescape(quoted: string, start: number, end: number): string {
  return quoted.slice(1, -1).replace(ESCAPE, (_, unicode: string | undefined, single: string) => {
    if (unicode !== undefined) return String.fromCharCode(parseInt(unicode, 16));
    const plain = ESCAPED[single];
    if (plain === undefined)
      throw queryError('SC1010', `Syntax error, invalid string literal token ${quoted}.`, start, end);
    return plain;
  });
}

/** Reads the tokens of one text in order. */
export class TokenReader {
  readonly source: string;
  private readonly tokens: readonly Token[];
  private index = 0;

  constructor(source: string) {
    this.source = source;
    this.tokens = tokenize(source);
  }

  get next(): Token {
    return this.tokens[this.index] as Token;
  }

  take(): Token {
    const token = this.next;
    if (token.kind !== 'end') this.index += 1;
    return token;
  }

  atWord(...words: string[]): boolean {
    return this.next.kind === 'name' && words.includes(this.next.text.toUpperCase());
  }

  atSymbol(...symbols: string[]): boolean {
    return this.next.kind === 'symbol' && symbols.includes(this.next.text);
  }

  takeWord(...words: string[]): boolean {
    if (!this.atWord(...words)) return false;
    this.take();
    return true;
  }

  takeSymbol(...symbols: string[]): boolean {
    if (!this.atSymbol(...symbols)) return false;
    this.take();
    return true;
  }

  expectWord(word: string): void {
    if (!this.takeWord(word)) throw this.unexpected();
  }

  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw this.unexpected();
  }

  /** Whether the next token is a name and not a keyword. */
  atIdentifier(): boolean {
    return (
      this.next.kind === 'name' &&
      !KEYWORDS.has(this.next.text.toUpperCase()) &&
      !CONSTANTS.has(this.next.text)
    );
  }

  expectIdentifier(): string {
    return this.expectIdentifierToken().text;
  }

  expectIdentifierToken(): Token {
    if (!this.atIdentifier()) throw this.unexpected();
    return this.take();
  }

  expectEnd(): void {
    if (this.next.kind !== 'end') throw this.unexpected();
  }

  unexpected() {
    const { text, start, end } = this.next;
    return syntaxError(text, start, end);
  }

  /** Returns the source text from `start` to the end of the last token. */
  textFrom(start: number): string {
    const last = this.tokens[this.index - 1];
    return this.source.slice(start, last?.end ?? start);
  }
}
