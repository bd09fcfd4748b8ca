// Query plans: what the SDK must ask of every range, and how it puts the answers together.

import { unsupported } from '../errors.ts';
import { PreparedQuery } from './run.ts';
import type { Query, Selection } from './syntax.ts';

/** The SDK puts a condition here when it resumes a sorted query. */
const FILTER_PLACE = '{documentdb-formattableorderbyquery-filter}';

export interface QueryPlan {
  readonly partitionedQueryExecutionInfoVersion: 2;
  readonly queryInfo: Readonly<Record<string, unknown>>;
  readonly queryRanges: readonly unknown[];
}

/** Filters and projections can be answered range by range; everything else needs the caller to merge. */
export function needsMerging(query: Query): boolean {
  return query.counts || query.orderBy.length > 0 || query.top !== undefined || query.limit !== undefined;
}

export function planOf(prepared: PreparedQuery): QueryPlan {
  const { query } = prepared;
  if (query.counts && query.selection.kind !== 'value') throw unsupported('COUNT over several partitions without VALUE');
  return {
    partitionedQueryExecutionInfoVersion: 2,
    queryInfo: {
      distinctType: 'None',
      top: prepared.top ?? null,
      offset: prepared.offset ?? null,
      limit: prepared.limit ?? null,
      orderBy: query.orderBy.map((item) => (item.descending ? 'Descending' : 'Ascending')),
      orderByExpressions: query.orderBy.map((item) => item.text),
      groupByExpressions: [],
      groupByAliases: [],
      aggregates: query.counts ? ['Count'] : [],
      groupByAliasToAggregateType: {},
      rewrittenQuery: needsMerging(query) ? rewritten(prepared) : '',
      hasSelectValue: query.selection.kind === 'value',
      dCountInfo: null,
      hasNonStreamingOrderBy: false,
    },
    queryRanges: [{ min: '', max: 'FF', isMinInclusive: true, isMaxInclusive: false }],
  };
}

function rewritten(prepared: PreparedQuery): string {
  const { query, top, offset, limit } = prepared;
  const parts = [
    `SELECT ${top === undefined ? '' : `TOP ${top} `}${selectionText(query)}`,
    `FROM ${query.from.text}`,
    whereText(query),
    query.orderBy.length === 0 ? '' : `ORDER BY ${query.orderBy.map((item) => `${item.text}${item.descending ? ' DESC' : ' ASC'}`).join(', ')}`,
    // Any range may hold the first ones, so none may skip them.
    limit === undefined ? '' : `OFFSET 0 LIMIT ${(offset ?? 0) + limit}`,
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function selectionText(query: Query): string {
  if (query.counts && query.selection.kind === 'value') return `VALUE [{"item": ${query.selection.item.text}}]`;
  if (query.orderBy.length === 0) return query.selectionText;
  const keys = query.orderBy.map((item) => `{"item": ${item.text}}`).join(', ');
  return `${query.from.alias}._rid, [${keys}] AS orderByItems, ${payloadText(query.selection, query.from.alias)} AS payload`;
}

function payloadText(selection: Selection, alias: string): string {
  if (selection.kind === 'all') return alias;
  if (selection.kind === 'value') return selection.item.text;
  return `{${selection.columns.map((column) => `${JSON.stringify(column.name)}: ${column.text}`).join(', ')}}`;
}

function whereText(query: Query): string {
  const conditions = query.where === undefined ? [] : [`(${query.where.text})`];
  if (query.orderBy.length > 0) {
    conditions.push(`(${FILTER_PLACE})`);
    // A row whose VALUE is undefined is no row; inside a payload nobody would notice that it is missing.
    if (query.selection.kind === 'value') conditions.push(`IS_DEFINED(${query.selection.item.text})`);
  }
  return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
}
