// What a query is, once it is read.

import type { Value } from './values.ts';

export type BinaryOperator = 'OR' | 'AND' | '=' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%' | '||' | '??';

export type Expression =
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'parameter'; readonly name: string }
  /** The document itself, by the name that FROM gives it. */
  | { readonly kind: 'document' }
  | { readonly kind: 'property'; readonly of: Expression; readonly key: Expression }
  | { readonly kind: 'array'; readonly items: readonly Expression[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, Expression])[] }
  | { readonly kind: 'call'; readonly name: string; readonly operands: readonly Expression[] }
  /** COUNT over all documents that match. */
  | { readonly kind: 'count'; readonly operand: Expression }
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'negate'; readonly operand: Expression }
  | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'in'; readonly operand: Expression; readonly options: readonly Expression[] }
  | { readonly kind: 'between'; readonly operand: Expression; readonly low: Expression; readonly high: Expression }
  | { readonly kind: 'conditional'; readonly condition: Expression; readonly yes: Expression; readonly no: Expression };

/** An expression with the text it was read from: a query plan is made of such texts. */
export interface Written {
  readonly expression: Expression;
  readonly text: string;
}

export interface Column extends Written {
  readonly name: string;
}

export interface SortItem extends Written {
  readonly path: readonly (string | number)[];
  readonly descending: boolean;
}

export type Selection =
  | { readonly kind: 'all' }
  | { readonly kind: 'value'; readonly item: Written }
  | { readonly kind: 'columns'; readonly columns: readonly Column[] };

export interface Query {
  readonly selection: Selection;
  /** As it stands behind SELECT and TOP. */
  readonly selectionText: string;
  readonly top: Expression | undefined;
  /** The text behind FROM, and the name it gives the document. */
  readonly from: { readonly text: string; readonly alias: string };
  readonly where: Written | undefined;
  readonly orderBy: readonly SortItem[];
  readonly offset: Expression | undefined;
  readonly limit: Expression | undefined;
  /** The selection counts: one row comes out, however many documents match. */
  readonly counts: boolean;
}
