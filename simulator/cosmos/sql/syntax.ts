// The syntax tree of a query.

import type { Value } from './values.ts';

export type BinaryOperator =
  'OR' | 'AND' | '=' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%' | '||' | '??';

export const AGGREGATES = ['COUNT', 'SUM', 'MIN', 'MAX', 'AVG'] as const;
export type AggregateName = (typeof AGGREGATES)[number];

/** A range of the query text. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

export type Expression =
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'parameter'; readonly name: string }
  /** A name from FROM or JOIN. */
  | { readonly kind: 'name'; readonly name: string; readonly place: TextRange }
  | { readonly kind: 'property'; readonly of: Expression; readonly key: Expression }
  | { readonly kind: 'array'; readonly items: readonly Expression[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, Expression])[] }
  | { readonly kind: 'call'; readonly name: string; readonly operands: readonly Expression[] }
  /** An aggregate over all rows of a group. */
  | {
      readonly kind: 'aggregate';
      readonly name: AggregateName;
      readonly operand: Expression;
      readonly place: TextRange;
    }
  | { readonly kind: 'subquery'; readonly use: 'exists' | 'array' | 'value'; readonly query: Query }
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'negate'; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'in'; readonly operand: Expression; readonly options: readonly Expression[] }
  | {
      readonly kind: 'like';
      readonly operand: Expression;
      readonly pattern: Expression;
      readonly escape: string | undefined;
    }
  | {
      readonly kind: 'between';
      readonly operand: Expression;
      readonly low: Expression;
      readonly high: Expression;
    }
  | {
      readonly kind: 'conditional';
      readonly condition: Expression;
      readonly yes: Expression;
      readonly no: Expression;
    };

/** An expression with its source text. Query plans consist of such texts. */
export interface ExpressionWithText {
  readonly expression: Expression;
  readonly text: string;
}

export interface Column extends ExpressionWithText {
  readonly name: string;
}

export interface SortItem extends ExpressionWithText {
  readonly path: readonly (string | number)[];
  readonly descending: boolean;
}

export type Selection =
  | { readonly kind: 'all'; readonly place: TextRange }
  | { readonly kind: 'value'; readonly item: ExpressionWithText }
  | { readonly kind: 'columns'; readonly columns: readonly Column[] };

/** One part of FROM. The query joins every value of it to every row so far. */
export interface Source {
  readonly alias: string | undefined;
  readonly over: { readonly expression: Expression } | { readonly query: Query };
  /** True for IN: the source has the elements of the array, not the array. */
  readonly iterates: boolean;
}

export interface Query {
  readonly distinct: boolean;
  readonly top: Expression | undefined;
  readonly selection: Selection;
  /** The text after SELECT, DISTINCT and TOP. */
  readonly selectionText: string;
  readonly sources: readonly Source[];
  /** The text after FROM. */
  readonly fromText: string;
  readonly where: ExpressionWithText | undefined;
  readonly groupBy: readonly ExpressionWithText[];
  readonly orderBy: readonly SortItem[];
  readonly offset: Expression | undefined;
  readonly limit: Expression | undefined;
}

/** Returns the name of the document when FROM begins with the document itself. */
export function documentName({ sources: [first] }: Pick<Query, 'sources'>): string | undefined {
  return first !== undefined &&
    !first.iterates &&
    'expression' in first.over &&
    first.over.expression.kind === 'name'
    ? first.alias
    : undefined;
}

/**
 * Returns the names and indexes from the document to a property. Returns undefined for any other
 * expression.
 */
export function propertyPath(
  document: string | undefined,
  expression: Expression,
): (string | number)[] | undefined {
  if (expression.kind === 'name') return expression.name === document ? [] : undefined;
  if (expression.kind !== 'property' || expression.key.kind !== 'literal') return undefined;
  const before = propertyPath(document, expression.of);
  const { value } = expression.key;
  return before === undefined || (typeof value !== 'string' && typeof value !== 'number')
    ? undefined
    : [...before, value];
}

/** Returns all aggregates of an expression, without those of its subqueries. */
export function findAggregates(expression: Expression): Extract<Expression, { kind: 'aggregate' }>[] {
  return expression.kind === 'aggregate'
    ? [expression]
    : childExpressions(expression).flatMap(findAggregates);
}

export function childExpressions(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'parameter':
    case 'name':
    case 'subquery':
      return [];
    case 'property':
      return [expression.of, expression.key];
    case 'array':
      return expression.items;
    case 'object':
      return expression.entries.map(([, value]) => value);
    case 'call':
      return expression.operands;
    case 'aggregate':
    case 'not':
    case 'negate':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    case 'in':
      return [expression.operand, ...expression.options];
    case 'like':
      return [expression.operand, expression.pattern];
    case 'between':
      return [expression.operand, expression.low, expression.high];
    case 'conditional':
      return [expression.condition, expression.yes, expression.no];
  }
}

export function selectedExpressions(selection: Selection): readonly ExpressionWithText[] {
  if (selection.kind === 'all') return [];
  return selection.kind === 'value' ? [selection.item] : selection.columns;
}

/** Whether the query has one row for each group. Aggregates without GROUP BY form one group. */
export function isGrouped({ groupBy, selection }: Pick<Query, 'groupBy' | 'selection'>): boolean {
  return (
    groupBy.length > 0 ||
    selectedExpressions(selection).some(({ expression }) => findAggregates(expression).length > 0)
  );
}
