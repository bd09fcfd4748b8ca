// The tokenizer of SQL filters.

export type Token = { readonly text: string } & (
  | { readonly kind: 'literal'; readonly value: string | number }
  | { readonly kind: 'name'; readonly name: string; readonly quoted: boolean }
  | { readonly kind: 'sign'; readonly sign: string }
);

const PATTERN =
  /\s+|(?<string>'(?:[^']|'')*')|(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\[(?<bracketed>[^\]]+)\]|"(?<quoted>(?:[^"]|"")+)"|(?<name>[A-Za-z_$][\w$-]*)|(?<sign><>|!=|<=|>=|[=<>+\-*/%(),.])/gy;

/**
 * Splits a SQL filter into tokens. Throws the error of `refused` at the first invalid character.
 */
export function tokenize(text: string, refused: (what: string) => Error): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(PATTERN);
  while (pattern.lastIndex < text.length) {
    const start = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) throw refused(`"${text[start] ?? ''}" is not expected`);
    const token = toToken(match[0], match.groups as Partial<Record<string, string>>);
    if (token !== undefined) tokens.push(token);
  }
  return tokens;
}

function toToken(
  text: string,
  { string, number, bracketed, quoted, name, sign }: Partial<Record<string, string>>,
): Token | undefined {
  if (string !== undefined)
    return { text, kind: 'literal', value: string.slice(1, -1).replaceAll("''", "'") };
  if (number !== undefined) return { text, kind: 'literal', value: Number(number) };
  if (bracketed !== undefined) return { text, kind: 'name', name: bracketed, quoted: true };
  if (quoted !== undefined) return { text, kind: 'name', name: quoted.replaceAll('""', '"'), quoted: true };
  if (name !== undefined) return { text, kind: 'name', name, quoted: false };
  return sign === undefined ? undefined : { text, kind: 'sign', sign };
}
