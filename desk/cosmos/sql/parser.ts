// Reads a query. What the real service knows and the desk does not is refused by name, never read as something else.

import { unsupportedQuery } from '../errors.ts';
import { ExpressionReader } from './expressions.ts';
import type { Column, Expression, Query, Selection, SortItem, Written } from './syntax.ts';
import { TokenReader } from './tokens.ts';

export function parseQuery(text: string): Query {
  const tokens = new TokenReader(text);
  tokens.needWord('SELECT');
  refuse(tokens, 'DISTINCT');
  const top = tokens.takeWord('TOP') ? count(tokens) : undefined;
  // The names in the selection are those that FROM gives, so FROM is read first.
  const alias = aliasAhead(text);
  const reader = new ExpressionReader(tokens, alias, true);
  const { start } = tokens.next;
  const selection = readSelection(tokens, reader, alias);
  const selectionText = tokens.textFrom(start);
  const from = readFrom(tokens);
  const where = readWhere(tokens, alias);
  refuse(tokens, 'GROUP');
  const orderBy = readOrderBy(tokens, alias);
  const [offset, limit] = readWindow(tokens);
  tokens.needEnd();
  const query: Query = { selection, selectionText, top, from, where, orderBy, offset, limit, counts: reader.counts };
  refuseMixtures(query, text);
  return query;
}

/** The condition of a patch: `FROM c WHERE ...`. */
export function parseCondition(text: string): Expression {
  const tokens = new TokenReader(text);
  const { alias } = readFrom(tokens);
  const where = readWhere(tokens, alias);
  if (where === undefined) throw tokens.unexpected();
  tokens.needEnd();
  return where.expression;
}

function refuse(tokens: TokenReader, ...words: string[]): void {
  const { start, end, text } = tokens.next;
  if (tokens.atWord(...words)) throw unsupportedQuery(text.toUpperCase(), start, end);
}

function refuseMixtures(query: Query, text: string): void {
  const windowed = query.top !== undefined || query.limit !== undefined;
  if (query.counts && (query.orderBy.length > 0 || windowed)) {
    throw unsupportedQuery('COUNT together with TOP, ORDER BY or OFFSET LIMIT', 0, text.length);
  }
  if (query.top !== undefined && query.limit !== undefined) throw unsupportedQuery('TOP together with OFFSET LIMIT', 0, text.length);
}

/** Finds the name of the document before the selection is read: the first FROM outside brackets. */
function aliasAhead(text: string): string {
  const tokens = new TokenReader(text);
  for (let depth = 0; tokens.next.kind !== 'end'; tokens.take()) {
    if (tokens.atSymbol('(', '[', '{')) depth += 1;
    if (tokens.atSymbol(')', ']', '}')) depth -= 1;
    if (depth === 0 && tokens.atWord('FROM')) return readFrom(tokens).alias;
  }
  throw unsupportedQuery('SELECT without FROM', 0, text.length);
}

function readFrom(tokens: TokenReader): Query['from'] {
  tokens.needWord('FROM');
  const { start } = tokens.next;
  const source = tokens.needIdentifier();
  if (tokens.atSymbol('.', '[')) throw unsupportedQuery('FROM over a part of the document', tokens.next.start, tokens.next.end);
  const alias = tokens.takeWord('AS') || tokens.atIdentifier() ? tokens.needIdentifier() : source;
  const text = tokens.textFrom(start);
  refuse(tokens, 'JOIN', 'IN');
  if (tokens.atSymbol(',')) throw unsupportedQuery('FROM over several sources', tokens.next.start, tokens.next.end);
  return { text, alias };
}

function readSelection(tokens: TokenReader, reader: ExpressionReader, alias: string): Selection {
  if (tokens.takeSymbol('*')) return { kind: 'all' };
  if (tokens.takeWord('VALUE')) return { kind: 'value', item: reader.written() };
  const columns: Column[] = [];
  do {
    const item = reader.written();
    const given = tokens.takeWord('AS') ? tokens.needIdentifier() : undefined;
    columns.push({ ...item, name: given ?? impliedName(item.expression, alias) ?? `$${columns.filter(isUnnamed).length + 1}` });
  } while (tokens.takeSymbol(','));
  return { kind: 'columns', columns };
}

function isUnnamed(column: Column): boolean {
  return column.name.startsWith('$');
}

/** A column without AS is called like the last part of its path. */
function impliedName(expression: Expression, alias: string): string | undefined {
  if (expression.kind === 'document') return alias;
  if (expression.kind !== 'property' || expression.key.kind !== 'literal') return undefined;
  return typeof expression.key.value === 'string' ? expression.key.value : undefined;
}

function readWhere(tokens: TokenReader, alias: string): Written | undefined {
  return tokens.takeWord('WHERE') ? new ExpressionReader(tokens, alias, false).written() : undefined;
}

function readOrderBy(tokens: TokenReader, alias: string): SortItem[] {
  const items: SortItem[] = [];
  if (!tokens.takeWord('ORDER')) return items;
  tokens.needWord('BY');
  do {
    const { start, end } = tokens.next;
    const item = new ExpressionReader(tokens, alias, false).written();
    const path = pathOf(item.expression);
    if (path === undefined || path.length === 0) throw unsupportedQuery('ORDER BY over anything but a document path', start, end);
    const descending = tokens.takeWord('DESC');
    if (!descending) tokens.takeWord('ASC');
    items.push({ ...item, path, descending });
  } while (tokens.takeSymbol(','));
  return items;
}

/** The names (and indexes) from the document to the property, when the expression is nothing but such a path. */
export function pathOf(expression: Expression): (string | number)[] | undefined {
  if (expression.kind === 'document') return [];
  if (expression.kind !== 'property' || expression.key.kind !== 'literal') return undefined;
  const before = pathOf(expression.of);
  const { value } = expression.key;
  return before === undefined || (typeof value !== 'string' && typeof value !== 'number') ? undefined : [...before, value];
}

function readWindow(tokens: TokenReader): [Expression | undefined, Expression | undefined] {
  if (!tokens.takeWord('OFFSET')) return [undefined, undefined];
  const offset = count(tokens);
  tokens.needWord('LIMIT');
  return [offset, count(tokens)];
}

/** How many: a whole number or a parameter. */
function count(tokens: TokenReader): Expression {
  const token = tokens.next;
  if (token.kind === 'parameter') return { kind: 'parameter', name: tokens.take().text };
  if (token.kind === 'number' && /^\d+$/.test(token.text)) return { kind: 'literal', value: Number(tokens.take().text) };
  throw tokens.unexpected();
}
