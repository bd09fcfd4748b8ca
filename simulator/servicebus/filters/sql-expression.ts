// The syntax tree of a SQL filter.

import type { SystemProperty } from '../message.ts';

export type Literal = string | number | boolean | null;
export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';
export type Arithmetic = '+' | '-' | '*' | '/' | '%';
export type Expression =
  | { readonly kind: 'literal'; readonly value: Literal }
  | { readonly kind: 'system'; readonly name: SystemProperty }
  | { readonly kind: 'user'; readonly name: string }
  | {
      readonly kind: 'compare';
      readonly operator: Comparison;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'arithmetic';
      readonly operator: Arithmetic;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not'; readonly of: Expression }
  | { readonly kind: 'isNull'; readonly of: Expression }
  | { readonly kind: 'exists'; readonly of: Expression }
  | { readonly kind: 'in'; readonly of: Expression; readonly values: readonly Expression[] }
  | { readonly kind: 'like'; readonly of: Expression; readonly pattern: RegExp };
