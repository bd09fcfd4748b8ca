// Query plans. A plan tells the SDK the query for each range and how to merge the results.

import { createCosmosError } from '../errors.ts';
import type { PreparedQuery } from './prepared-query.ts';
import {
  findAggregates,
  isGrouped,
  selectedExpressions,
  type AggregateName,
  type Column,
  type Expression,
  type Query,
  type Selection,
} from './syntax.ts';

/** The SDK replaces this text with a condition when it resumes a sorted query. */
const FILTER_PLACEHOLDER = '{documentdb-formattableorderbyquery-filter}';

/** The names of the aggregates in the SDK. */
const AGGREGATE_TYPES: Readonly<Record<AggregateName, string>> = {
  COUNT: 'Count',
  SUM: 'Sum',
  MIN: 'Min',
  MAX: 'Max',
  AVG: 'Average',
};

export interface QueryPlan {
  readonly partitionedQueryExecutionInfoVersion: 2;
  readonly queryInfo: Readonly<Record<string, unknown>>;
  readonly queryRanges: readonly unknown[];
}

/** Whether the caller must merge the results of the ranges. Filters and projections need no merging. */
export function needsMerging(query: Query): boolean {
  return (
    isGrouped(query) ||
    query.distinct ||
    query.orderBy.length > 0 ||
    query.top !== undefined ||
    query.limit !== undefined
  );
}

export function createQueryPlan(prepared: PreparedQuery): QueryPlan {
  const { query } = prepared;
  const { selection } = query;
  if (isGrouped(query)) requirePlainAggregates(selection);
  const columns = isGrouped(query) && selection.kind === 'columns' ? selection.columns : [];
  return {
    partitionedQueryExecutionInfoVersion: 2,
    queryInfo: {
      distinctType: distinctType(query),
      top: prepared.top ?? null,
      offset: prepared.offset ?? null,
      limit: prepared.limit ?? null,
      orderBy: query.orderBy.map((item) => (item.descending ? 'Descending' : 'Ascending')),
      orderByExpressions: query.orderBy.map((item) => item.text),
      groupByExpressions: query.groupBy.map((item) => item.text),
      groupByAliases: columns.map(({ name }) => name),
      aggregates:
        selection.kind === 'value'
          ? findAggregates(selection.item.expression).map(({ name }) => AGGREGATE_TYPES[name])
          : [],
      groupByAliasToAggregateType: Object.fromEntries(
        columns.map((column) => [column.name, aggregateType(column)]),
      ),
      rewrittenQuery: needsMerging(query) ? rewriteQuery(prepared) : '',
      hasSelectValue: selection.kind === 'value',
      dCountInfo: null,
      hasNonStreamingOrderBy: false,
    },
    queryRanges: [{ min: '', max: 'FF', isMinInclusive: true, isMaxInclusive: false }],
  };
}

/** Equal results are adjacent only when the query sorts by the result itself. */
function distinctType({ distinct, orderBy, selection }: Query): 'None' | 'Ordered' | 'Unordered' {
  if (!distinct) return 'None';
  const [only, ...others] = selectedExpressions(selection);
  const sortedByItself = orderBy.length === 1 && others.length === 0 && orderBy[0]?.text === only?.text;
  return sortedByItself ? 'Ordered' : 'Unordered';
}

function aggregateType({ expression }: Column): string | null {
  return expression.kind === 'aggregate' ? AGGREGATE_TYPES[expression.name] : null;
}

/** The SDK can merge sums and counts, but not an expression over an aggregate of one range. */
function requirePlainAggregates(selection: Selection): void {
  const composed = selectedExpressions(selection).some(
    ({ expression }) => expression.kind !== 'aggregate' && findAggregates(expression).length > 0,
  );
  if (composed)
    throw createCosmosError(400, 'Compositions of aggregates and other expressions are not allowed.');
}

function rewriteQuery(prepared: PreparedQuery): string {
  const { query } = prepared;
  const parts = [
    selectText(prepared),
    `FROM ${query.fromText}`,
    whereText(query),
    query.groupBy.length === 0 ? '' : `GROUP BY ${query.groupBy.map((item) => item.text).join(', ')}`,
    query.orderBy.length === 0
      ? ''
      : 'ORDER BY ' +
        query.orderBy.map((item) => `${item.text}${item.descending ? ' DESC' : ' ASC'}`).join(', '),
    windowText(prepared),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

/**
 * Whether each range can apply TOP and LIMIT itself. A range cannot when the merge of groups or
 * equal results changes the count.
 */
function isWindowedInRange(query: Query): boolean {
  return !isGrouped(query) && !(query.distinct && query.orderBy.length > 0);
}

function selectText({ query, top }: PreparedQuery): string {
  if (isGrouped(query)) return `SELECT ${groupText(query)}`;
  const topText = top === undefined || !isWindowedInRange(query) ? '' : `TOP ${top} `;
  if (query.orderBy.length === 0)
    return `SELECT ${query.distinct ? 'DISTINCT ' : ''}${topText}${query.selectionText}`;
  const keys = query.orderBy.map((item) => `{"item": ${item.text}}`).join(', ');
  return (
    `SELECT ${topText}${documentAlias(query)}._rid, [${keys}] AS orderByItems, ` +
    `${payloadText(query)} AS payload`
  );
}

/** Any range may contain the first results, so no range may skip them. */
function windowText({ query, offset, limit }: PreparedQuery): string {
  return limit === undefined || !isWindowedInRange(query) ? '' : `OFFSET 0 LIMIT ${(offset ?? 0) + limit}`;
}

function groupText({ groupBy, selection }: Query): string {
  const item = selection.kind === 'value' ? selection.item : undefined;
  const aggregated =
    item?.expression.kind === 'aggregate' ? `[${partialText(item.expression, item.text)}]` : item?.text;
  if (groupBy.length === 0 && aggregated !== undefined) return `VALUE ${aggregated}`;
  const payload =
    aggregated ??
    `{${columnsOf(selection)
      .map((column) => `${JSON.stringify(column.name)}: ${partialText(column.expression, column.text)}`)
      .join(', ')}}`;
  const keys =
    groupBy.length === 0
      ? ''
      : `[${groupBy.map((key) => `{"item": ${key.text}}`).join(', ')}] AS groupByItems, `;
  return `${keys}${payload} AS payload`;
}

/**
 * Returns the text of an aggregate for one range, in a form that the SDK can merge with other
 * ranges.
 */
function partialText(expression: Expression, text: string): string {
  if (expression.kind !== 'aggregate') return text;
  const operand = text.slice(text.indexOf('('));
  switch (expression.name) {
    case 'AVG':
      return `{"item": {"sum": SUM${operand}, "count": COUNT${operand}}}`;
    case 'MIN':
      return `{"item": ${text}, "item2": {"min": ${text}, "count": COUNT${operand}}}`;
    case 'MAX':
      return `{"item": ${text}, "item2": {"max": ${text}, "count": COUNT${operand}}}`;
    case 'COUNT':
    case 'SUM':
      return `{"item": ${text}}`;
  }
}

function columnsOf(selection: Selection): readonly Column[] {
  return selection.kind === 'columns' ? selection.columns : [];
}

function payloadText(query: Query): string {
  const { selection } = query;
  if (selection.kind === 'all') return documentAlias(query);
  if (selection.kind === 'value') return selection.item.text;
  return `{${selection.columns.map((column) => `${JSON.stringify(column.name)}: ${column.text}`).join(', ')}}`;
}

/**
 * Returns the name of the document. The parser accepts a sorted query only when FROM starts with
 * the document.
 */
function documentAlias({ sources }: Query): string {
  return sources[0]?.alias ?? '';
}

function whereText(query: Query): string {
  const conditions = query.where === undefined ? [] : [`(${query.where.text})`];
  if (query.orderBy.length > 0) {
    conditions.push(`(${FILTER_PLACEHOLDER})`);
    // An undefined VALUE is not a result. In a payload the SDK would not notice the missing value.
    if (query.selection.kind === 'value') conditions.push(`IS_DEFINED(${query.selection.item.text})`);
  }
  return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
}
