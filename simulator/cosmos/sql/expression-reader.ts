// Parses expressions by recursive descent: conditional, ??, OR, AND, then IN, BETWEEN and LIKE,
// then binary operators, sign and property.

import { queryError, unsupportedQueryError } from '../errors.ts';
import { AGGREGATES_NOT_SUPPORTED, operandCounts } from './builtins/lookup.ts';
import {
  AGGREGATES,
  type BinaryOperator,
  type Expression,
  type Query,
  type ExpressionWithText,
} from './syntax.ts';
import { syntaxError, type Token, type TokenReader } from './tokens.ts';
import type { Value } from './values.ts';

const COMPARISONS = ['=', '!=', '<', '<=', '>', '>='];
/**
 * Binary operators of equal precedence, lowest first. As in the real service, `||` has a lower
 * precedence than `=`.
 */
const OPERATOR_LEVELS: readonly (readonly BinaryOperator[])[] = [
  ['||'],
  ['=', '!='],
  ['<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/', '%'],
];
/** The constants exist only in lower case: `NULL` is a name. */
const CONSTANTS: Readonly<Record<string, Value>> = { true: true, false: false, null: null, undefined };

export class ExpressionReader {
  private readonly tokens: TokenReader;
  private readonly subquery: (tokens: TokenReader) => Query;

  /** `subquery` parses a SELECT in parentheses. */
  constructor(tokens: TokenReader, subquery: (tokens: TokenReader) => Query) {
    this.tokens = tokens;
    this.subquery = subquery;
  }

  expressionWithText(): ExpressionWithText {
    const { start } = this.tokens.next;
    const expression = this.expression();
    return { expression, text: this.tokens.textFrom(start) };
  }

  expression(): Expression {
    const condition = this.coalesce();
    if (!this.tokens.takeSymbol('?')) return condition;
    const yes = this.expression();
    this.tokens.expectSymbol(':');
    return { kind: 'conditional', condition, yes, no: this.expression() };
  }

  /** Parses a name with its properties, as FROM uses it. */
  path(): Expression {
    return this.properties(this.name(this.tokens.expectIdentifierToken()));
  }

  private coalesce(): Expression {
    let left = this.disjunction();
    while (this.tokens.takeSymbol('??'))
      left = { kind: 'binary', operator: '??', left, right: this.disjunction() };
    return left;
  }

  private disjunction(): Expression {
    let left = this.conjunction();
    while (this.tokens.takeWord('OR'))
      left = { kind: 'binary', operator: 'OR', left, right: this.conjunction() };
    return left;
  }

  private conjunction(): Expression {
    let left = this.test();
    while (this.tokens.takeWord('AND')) left = { kind: 'binary', operator: 'AND', left, right: this.test() };
    return left;
  }

  private test(): Expression {
    const left = this.binary(0);
    const negated = this.tokens.takeWord('NOT');
    const found = this.membership(left) ?? this.between(left) ?? this.like(left);
    if (found !== undefined) return negated ? { kind: 'not', operand: found } : found;
    if (negated) throw this.tokens.unexpected();
    return left;
  }

  private membership(operand: Expression): Expression | undefined {
    if (!this.tokens.takeWord('IN')) return undefined;
    this.tokens.expectSymbol('(');
    if (this.tokens.atSymbol(')')) throw this.tokens.unexpected();
    return { kind: 'in', operand, options: this.list(')') };
  }

  private between(operand: Expression): Expression | undefined {
    if (!this.tokens.takeWord('BETWEEN')) return undefined;
    const low = this.binary(0);
    this.tokens.expectWord('AND');
    return { kind: 'between', operand, low, high: this.binary(0) };
  }

  private like(operand: Expression): Expression | undefined {
    if (!this.tokens.takeWord('LIKE')) return undefined;
    const pattern = this.binary(0);
    if (!this.tokens.takeWord('ESCAPE')) return { kind: 'like', operand, pattern, escape: undefined };
    if (this.tokens.next.kind !== 'string' || this.tokens.next.text.length !== 1)
      throw this.tokens.unexpected();
    return { kind: 'like', operand, pattern, escape: this.tokens.take().text };
  }

  private binary(level: number): Expression {
    const operators = OPERATOR_LEVELS[level];
    if (operators === undefined) return this.unary();
    let left = this.binary(level + 1);
    for (let operator = this.tokens.next; this.tokens.takeSymbol(...operators); operator = this.tokens.next) {
      left = {
        kind: 'binary',
        operator: operator.text as BinaryOperator,
        left,
        right: this.binary(level + 1),
      };
    }
    return left;
  }

  private unary(): Expression {
    if (this.tokens.takeSymbol('-')) return { kind: 'negate', operand: this.unary() };
    if (this.tokens.takeSymbol('+')) return this.unary();
    if (this.tokens.takeWord('NOT')) return this.negation();
    return this.properties(this.primary());
  }

  /**
   * The service reads `NOT a = b` as `(NOT a) = b`, and people read it differently. So the parser
   * requires parentheses.
   */
  private negation(): Expression {
    const operand = this.unary();
    const { start, end } = this.tokens.next;
    if (this.tokens.atSymbol(...COMPARISONS) || this.tokens.atWord('IN', 'BETWEEN', 'LIKE')) {
      throw unsupportedQueryError('NOT before a comparison without parentheses', start, end);
    }
    return { kind: 'not', operand };
  }

  private properties(of: Expression): Expression {
    if (this.tokens.takeSymbol('.')) {
      return this.properties({
        kind: 'property',
        of,
        key: { kind: 'literal', value: this.tokens.expectIdentifier() },
      });
    }
    if (this.tokens.takeSymbol('[')) {
      const key = this.expression();
      this.tokens.expectSymbol(']');
      return this.properties({ kind: 'property', of, key });
    }
    return of;
  }

  private primary(): Expression {
    const identifier = this.tokens.atIdentifier();
    const token = this.tokens.take();
    if (token.kind === 'string') return { kind: 'literal', value: token.text };
    if (token.kind === 'number') return { kind: 'literal', value: Number(token.text) };
    if (token.kind === 'parameter') return { kind: 'parameter', name: token.text };
    if (identifier) return this.tokens.atSymbol('(') ? this.call(token) : this.name(token);
    if (token.kind === 'name') return this.keyword(token);
    if (token.text === '[') return { kind: 'array', items: this.list(']') };
    if (token.text === '{') return this.object();
    if (token.text !== '(') throw syntaxError(token.text, token.start, token.end);
    const inner: Expression = this.tokens.atWord('SELECT')
      ? { kind: 'subquery', use: 'value', query: this.subquery(this.tokens) }
      : this.expression();
    this.tokens.expectSymbol(')');
    return inner;
  }

  private name({ text, start, end }: Token): Expression {
    return { kind: 'name', name: text, place: { start, end } };
  }

  private keyword(token: Token): Expression {
    const { text, start, end } = token;
    const word = text.toUpperCase();
    if ((word === 'LEFT' || word === 'RIGHT') && this.tokens.atSymbol('(')) return this.call(token);
    if (word === 'EXISTS' || word === 'ARRAY')
      return this.subqueryOperator(word === 'EXISTS' ? 'exists' : 'array');
    if (word === 'UDF') throw unsupportedQueryError('a user-defined function', start, end);
    if (!Object.hasOwn(CONSTANTS, text)) throw syntaxError(text, start, end);
    return { kind: 'literal', value: CONSTANTS[text] };
  }

  private subqueryOperator(use: 'exists' | 'array'): Expression {
    this.tokens.expectSymbol('(');
    if (!this.tokens.atWord('SELECT')) throw this.tokens.unexpected();
    const query = this.subquery(this.tokens);
    this.tokens.expectSymbol(')');
    return { kind: 'subquery', use, query };
  }

  private call({ text, start, end }: Token): Expression {
    const name = text.toUpperCase();
    this.tokens.expectSymbol('(');
    const operands = this.list(')');
    const [operand] = operands;
    const aggregate = AGGREGATES.find((known) => known === name);
    if (aggregate !== undefined && operands.length === 1 && operand !== undefined)
      return { kind: 'aggregate', name: aggregate, operand, place: { start, end } };
    if (AGGREGATES_NOT_SUPPORTED.includes(name))
      throw unsupportedQueryError(`the aggregate ${name}`, start, end);
    const counts = aggregate === undefined ? operandCounts(name) : { least: 1, most: 1 };
    if (counts === undefined)
      throw queryError('SC2005', `'${text}' is not a recognized built-in function name.`, start, end);
    if (operands.length < counts.least || operands.length > counts.most) {
      throw queryError(
        'SC2050',
        `The ${name} function requires ${counts.least} to ${counts.most} argument(s).`,
        start,
        end,
      );
    }
    return { kind: 'call', name, operands };
  }

  private list(close: string): Expression[] {
    const items: Expression[] = [];
    if (this.tokens.takeSymbol(close)) return items;
    do items.push(this.expression());
    while (this.tokens.takeSymbol(','));
    this.tokens.expectSymbol(close);
    return items;
  }

  private object(): Expression {
    const entries: [string, Expression][] = [];
    if (this.tokens.takeSymbol('}')) return { kind: 'object', entries };
    do {
      const name =
        this.tokens.next.kind === 'string' ? this.tokens.take().text : this.tokens.expectIdentifier();
      this.tokens.expectSymbol(':');
      entries.push([name, this.expression()]);
    } while (this.tokens.takeSymbol(','));
    this.tokens.expectSymbol('}');
    return { kind: 'object', entries };
  }
}
