// Parses a query. The parser refuses every feature that the simulator lacks by its name, and never
// interprets such a feature differently.

import { queryError, unsupportedQueryError } from '../errors.ts';
import { ExpressionReader } from './expression-reader.ts';
import {
  findAggregates,
  documentName,
  isGrouped,
  childExpressions,
  propertyPath,
  selectedExpressions,
} from './syntax.ts';
import type { Column, Expression, Query, Selection, SortItem, Source, ExpressionWithText } from './syntax.ts';
import { TokenReader } from './tokens.ts';

export function parseQuery(text: string): Query {
  const tokens = new TokenReader(text);
  const query = readQuery(tokens);
  tokens.expectEnd();
  if (query.sources.length === 0) throw unsupportedQueryError('SELECT without FROM', 0, text.length);
  if (query.sources[0] !== undefined && 'query' in query.sources[0].over)
    throw unsupportedQueryError('FROM over a subquery', 0, text.length);
  return query;
}

/**
 * Parses the condition of a patch, `FROM c WHERE ...`, and returns it with the name of the
 * document.
 */
export function parseCondition(text: string): { readonly document: string; readonly condition: Expression } {
  const tokens = new TokenReader(text);
  tokens.expectWord('FROM');
  const document = readAlias(tokens) ?? '';
  const where = readWhere(tokens);
  if (where === undefined) throw tokens.unexpected();
  tokens.expectEnd();
  return { document, condition: where.expression };
}

function readAlias(tokens: TokenReader): string | undefined {
  const source = tokens.expectIdentifier();
  return tokens.takeWord('AS') || tokens.atIdentifier() ? tokens.expectIdentifier() : source;
}

const expressions = (tokens: TokenReader): ExpressionReader => new ExpressionReader(tokens, readSubquery);

/** Parses a subquery over the values of one row. A subquery has no sorting and no windows. */
function readSubquery(tokens: TokenReader): Query {
  const { start } = tokens.next;
  const query = readQuery(tokens);
  if (query.orderBy.length > 0 || query.top !== undefined || query.limit !== undefined) {
    throw unsupportedQueryError('TOP, ORDER BY or OFFSET LIMIT in a subquery', start, tokens.next.start);
  }
  return query;
}

function readQuery(tokens: TokenReader): Query {
  const { start } = tokens.next;
  tokens.expectWord('SELECT');
  const distinct = tokens.takeWord('DISTINCT');
  const top = tokens.takeWord('TOP') ? readCount(tokens) : undefined;
  const selectionStart = tokens.next.start;
  const selection = readSelection(tokens);
  const selectionText = tokens.textFrom(selectionStart);
  const { sources, fromText } = readFrom(tokens);
  const where = readWhere(tokens);
  const groupBy = readGroupBy(tokens);
  const sortItems = readOrderBy(tokens, sources);
  // Aggregates without GROUP BY give one row, so an order has no effect.
  const orderBy = isGrouped({ selection, groupBy }) && groupBy.length === 0 ? [] : sortItems;
  const [offset, limit] = readWindow(tokens);
  const query: Query = {
    distinct,
    selection,
    selectionText,
    top,
    sources,
    fromText,
    where,
    groupBy,
    orderBy,
    offset,
    limit,
  };
  requireSingleInput(query);
  rejectUnsupportedMixtures(query, start, tokens.next.start);
  for (const { expression } of selectedExpressions(selection))
    if (groupBy.length > 0) requireGrouped(expression, groupBy);
  return query;
}

function requireSingleInput({ selection, sources, groupBy }: Query): void {
  if (selection.kind !== 'all') return;
  const { start, end } = selection.place;
  if (sources.length !== 1)
    throw queryError('SC1040', "'SELECT *' is only valid with a single input set.", start, end);
  if (groupBy.length > 0) throw queryError('SC1040', "'SELECT *' is not valid with GROUP BY.", start, end);
}

function rejectUnsupportedMixtures(query: Query, start: number, end: number): void {
  const windowed = query.top !== undefined || query.limit !== undefined;
  const grouped = isGrouped(query);
  if (grouped && query.orderBy.length > 0)
    throw unsupportedQueryError('ORDER BY together with GROUP BY', start, end);
  if (grouped && query.distinct)
    throw unsupportedQueryError('DISTINCT together with GROUP BY or an aggregate', start, end);
  if (grouped && query.groupBy.length === 0 && windowed)
    throw unsupportedQueryError('an aggregate together with TOP or OFFSET LIMIT', start, end);
  if (query.top !== undefined && query.limit !== undefined)
    throw unsupportedQueryError('TOP together with OFFSET LIMIT', start, end);
}

/**
 * Checks that an expression outside aggregates is a GROUP BY key. So all rows of a group have the
 * same value.
 */
function requireGrouped(expression: Expression, groupBy: readonly ExpressionWithText[]): void {
  if (expression.kind === 'aggregate' || groupBy.some((key) => sameExpression(key.expression, expression)))
    return;
  if (expression.kind === 'name') {
    const { start, end } = expression.place;
    throw queryError(
      'SC2102',
      `Property reference '${expression.name}' is invalid in the select list because it is not ` +
        'contained in either an aggregate function or the GROUP BY clause.',
      start,
      end,
    );
  }
  if (expression.kind === 'subquery') throw unsupportedQueryError('a subquery together with GROUP BY', 0, 0);
  for (const part of childExpressions(expression)) requireGrouped(part, groupBy);
}

function sameExpression(left: Expression, right: Expression): boolean {
  const plain = (expression: Expression): string =>
    JSON.stringify(expression, (name, value: unknown) => (name === 'place' ? undefined : value));
  return plain(left) === plain(right);
}

function readFrom(tokens: TokenReader): Pick<Query, 'sources' | 'fromText'> {
  if (!tokens.takeWord('FROM')) return { sources: [], fromText: '' };
  const { start } = tokens.next;
  const sources = [readSource(tokens)];
  if (tokens.atSymbol(','))
    throw unsupportedQueryError('FROM over several sources', tokens.next.start, tokens.next.end);
  while (tokens.takeWord('JOIN')) sources.push(readSource(tokens));
  return { sources, fromText: tokens.textFrom(start) };
}

/** Parses a source: `path`, `path AS name`, `name IN path`, or a subquery in place of the path. */
function readSource(tokens: TokenReader): Source {
  if (tokens.atSymbol('('))
    return { over: { query: readParenthesizedQuery(tokens) }, alias: explicitAlias(tokens), iterates: false };
  const expression = expressions(tokens).path();
  if (expression.kind === 'name' && tokens.takeWord('IN')) {
    const over = tokens.atSymbol('(')
      ? { query: readParenthesizedQuery(tokens) }
      : { expression: expressions(tokens).path() };
    return { alias: expression.name, over, iterates: true };
  }
  return { over: { expression }, alias: explicitAlias(tokens) ?? implicitAlias(expression), iterates: false };
}

function readParenthesizedQuery(tokens: TokenReader): Query {
  tokens.expectSymbol('(');
  const query = readSubquery(tokens);
  tokens.expectSymbol(')');
  return query;
}

function explicitAlias(tokens: TokenReader): string | undefined {
  return tokens.takeWord('AS') || tokens.atIdentifier() ? tokens.expectIdentifier() : undefined;
}

function readSelection(tokens: TokenReader): Selection {
  const { start, end } = tokens.next;
  if (tokens.takeSymbol('*')) return { kind: 'all', place: { start, end } };
  const reader = expressions(tokens);
  if (tokens.takeWord('VALUE')) return { kind: 'value', item: reader.expressionWithText() };
  const columns: Column[] = [];
  do {
    const item = reader.expressionWithText();
    const given = tokens.takeWord('AS') ? tokens.expectIdentifier() : undefined;
    columns.push({
      ...item,
      name: given ?? implicitAlias(item.expression) ?? `$${columns.filter(isUnnamed).length + 1}`,
    });
  } while (tokens.takeSymbol(','));
  return { kind: 'columns', columns };
}

function isUnnamed(column: Column): boolean {
  return column.name.startsWith('$');
}

/** Returns the name of a column without AS: the last part of its path. */
function implicitAlias(expression: Expression): string | undefined {
  if (expression.kind === 'name') return expression.name;
  if (expression.kind !== 'property' || expression.key.kind !== 'literal') return undefined;
  return typeof expression.key.value === 'string' ? expression.key.value : undefined;
}

function readWhere(tokens: TokenReader): ExpressionWithText | undefined {
  return tokens.takeWord('WHERE') ? expressions(tokens).expressionWithText() : undefined;
}

function readGroupBy(tokens: TokenReader): ExpressionWithText[] {
  const items: ExpressionWithText[] = [];
  if (!tokens.takeWord('GROUP')) return items;
  tokens.expectWord('BY');
  do {
    const { start, end } = tokens.next;
    const item = expressions(tokens).expressionWithText();
    if (findAggregates(item.expression).length > 0)
      throw unsupportedQueryError('GROUP BY over an aggregate', start, end);
    items.push(item);
  } while (tokens.takeSymbol(','));
  return items;
}

function readOrderBy(tokens: TokenReader, sources: readonly Source[]): SortItem[] {
  const items: SortItem[] = [];
  if (!tokens.takeWord('ORDER')) return items;
  tokens.expectWord('BY');
  const document = documentName({ sources });
  do {
    const { start, end } = tokens.next;
    const item = expressions(tokens).expressionWithText();
    const path = propertyPath(document, item.expression);
    if (path === undefined || path.length === 0)
      throw unsupportedQueryError('ORDER BY over anything but a document path', start, end);
    const descending = tokens.takeWord('DESC');
    if (!descending) tokens.takeWord('ASC');
    items.push({ ...item, path, descending });
  } while (tokens.takeSymbol(','));
  return items;
}

function readWindow(tokens: TokenReader): [Expression | undefined, Expression | undefined] {
  if (!tokens.takeWord('OFFSET')) return [undefined, undefined];
  const offset = readCount(tokens);
  tokens.expectWord('LIMIT');
  return [offset, readCount(tokens)];
}

/** Parses a count: a whole number or a parameter. */
function readCount(tokens: TokenReader): Expression {
  const token = tokens.next;
  if (token.kind === 'parameter') return { kind: 'parameter', name: tokens.take().text };
  if (token.kind === 'number' && /^\d+$/.test(token.text))
    return { kind: 'literal', value: Number(tokens.take().text) };
  throw tokens.unexpected();
}
