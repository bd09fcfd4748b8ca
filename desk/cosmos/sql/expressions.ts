// Reads expressions, by recursive descent: conditional, ??, OR, AND, IN and BETWEEN, then the binary operators, sign, property.

import { queryError, unsupportedQuery } from '../errors.ts';
import { AGGREGATES_NOT_SUPPORTED, FUNCTIONS } from './functions.ts';
import type { BinaryOperator, Expression, Written } from './syntax.ts';
import { syntaxError, type Token, type TokenReader } from './tokens.ts';
import type { Value } from './values.ts';

const COMPARISONS = ['=', '!=', '<', '<=', '>', '>='];
/** Binary operators that bind alike, loosest first: it is the service's own order that `||` binds looser than `=`. */
const BINARY: readonly (readonly BinaryOperator[])[] = [['||'], ['=', '!='], ['<', '<=', '>', '>='], ['+', '-'], ['*', '/', '%']];
/** In lower case only: `NULL` is a name. */
const CONSTANTS: Readonly<Record<string, Value>> = { true: true, false: false, null: null, undefined };

export class ExpressionReader {
  private readonly tokens: TokenReader;
  private readonly alias: string;
  private readonly mayCount: boolean;
  /** Whether a COUNT was read. */
  counts = false;

  constructor(tokens: TokenReader, alias: string, mayCount: boolean) {
    this.tokens = tokens;
    this.alias = alias;
    this.mayCount = mayCount;
  }

  written(): Written {
    const { start } = this.tokens.next;
    const expression = this.expression();
    return { expression, text: this.tokens.textFrom(start) };
  }

  expression(): Expression {
    const condition = this.coalesce();
    if (!this.tokens.takeSymbol('?')) return condition;
    const yes = this.expression();
    this.tokens.needSymbol(':');
    return { kind: 'conditional', condition, yes, no: this.expression() };
  }

  private coalesce(): Expression {
    let left = this.disjunction();
    while (this.tokens.takeSymbol('??')) left = { kind: 'binary', operator: '??', left, right: this.disjunction() };
    return left;
  }

  private disjunction(): Expression {
    let left = this.conjunction();
    while (this.tokens.takeWord('OR')) left = { kind: 'binary', operator: 'OR', left, right: this.conjunction() };
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
    const found = this.membership(left) ?? this.interval(left);
    if (found !== undefined) return negated ? { kind: 'not', operand: found } : found;
    if (this.tokens.atWord('LIKE')) throw unsupportedQuery('LIKE', this.tokens.next.start, this.tokens.next.end);
    if (negated) throw this.tokens.unexpected();
    return left;
  }

  private membership(operand: Expression): Expression | undefined {
    if (!this.tokens.takeWord('IN')) return undefined;
    this.tokens.needSymbol('(');
    if (this.tokens.atSymbol(')')) throw this.tokens.unexpected();
    return { kind: 'in', operand, options: this.list(')') };
  }

  private interval(operand: Expression): Expression | undefined {
    if (!this.tokens.takeWord('BETWEEN')) return undefined;
    const low = this.binary(0);
    this.tokens.needWord('AND');
    return { kind: 'between', operand, low, high: this.binary(0) };
  }

  private binary(level: number): Expression {
    const operators = BINARY[level];
    if (operators === undefined) return this.unary();
    let left = this.binary(level + 1);
    for (let operator = this.tokens.next; this.tokens.takeSymbol(...operators); operator = this.tokens.next) {
      left = { kind: 'binary', operator: operator.text as BinaryOperator, left, right: this.binary(level + 1) };
    }
    return left;
  }

  private unary(): Expression {
    if (this.tokens.takeSymbol('-')) return { kind: 'negate', operand: this.unary() };
    if (this.tokens.takeSymbol('+')) return this.unary();
    if (this.tokens.takeWord('NOT')) return this.negation();
    return this.properties(this.primary());
  }

  /** `NOT a = b` means `(NOT a) = b` to the service and something else to its readers, so it must be written with parentheses. */
  private negation(): Expression {
    const operand = this.unary();
    const { start, end } = this.tokens.next;
    if (this.tokens.atSymbol(...COMPARISONS) || this.tokens.atWord('IN', 'BETWEEN', 'LIKE')) {
      throw unsupportedQuery('NOT before a comparison without parentheses', start, end);
    }
    return { kind: 'not', operand };
  }

  private properties(of: Expression): Expression {
    if (this.tokens.takeSymbol('.')) {
      return this.properties({ kind: 'property', of, key: { kind: 'literal', value: this.tokens.needIdentifier() } });
    }
    if (this.tokens.takeSymbol('[')) {
      const key = this.expression();
      this.tokens.needSymbol(']');
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
    if (identifier) return this.named(token);
    if (token.kind === 'name') return this.constant(token);
    if (token.text === '[') return { kind: 'array', items: this.list(']') };
    if (token.text === '{') return this.object();
    if (token.text !== '(') throw syntaxError(token.text, token.start, token.end);
    if (this.tokens.atWord('SELECT')) throw unsupportedQuery('a subquery', token.start, token.end);
    const inner = this.expression();
    this.tokens.needSymbol(')');
    return inner;
  }

  private named(token: Token): Expression {
    if (this.tokens.atSymbol('(')) return this.call(token, token.text.toUpperCase());
    if (token.text === this.alias) return { kind: 'document' };
    throw queryError('SC2001', `Identifier '${token.text}' could not be resolved.`, token.start, token.end);
  }

  private constant({ text, start, end }: Token): Expression {
    const word = text.toUpperCase();
    if (['EXISTS', 'ARRAY', 'LEFT', 'RIGHT', 'UDF'].includes(word)) throw unsupportedQuery(word, start, end);
    if (!Object.hasOwn(CONSTANTS, text)) throw syntaxError(text, start, end);
    return { kind: 'literal', value: CONSTANTS[text] };
  }

  private call(token: Token, name: string): Expression {
    this.tokens.needSymbol('(');
    const operands = this.list(')');
    const [operand] = operands;
    if (name === 'COUNT' && this.mayCount && operands.length === 1 && operand !== undefined) {
      this.counts = true;
      return { kind: 'count', operand };
    }
    if (name === 'COUNT' || AGGREGATES_NOT_SUPPORTED.includes(name)) throw unsupportedQuery(`the aggregate ${name} here`, token.start, token.end);
    const known = FUNCTIONS[name];
    if (known === undefined) throw queryError('SC2005', `'${token.text}' is not a recognized built-in function name.`, token.start, token.end);
    if (operands.length < known.least || operands.length > known.most) {
      throw queryError('SC2050', `The ${name} function requires ${known.least} to ${known.most} argument(s).`, token.start, token.end);
    }
    return { kind: 'call', name, operands };
  }

  private list(close: string): Expression[] {
    const items: Expression[] = [];
    if (this.tokens.takeSymbol(close)) return items;
    do items.push(this.expression()); while (this.tokens.takeSymbol(','));
    this.tokens.needSymbol(close);
    return items;
  }

  private object(): Expression {
    const entries: [string, Expression][] = [];
    if (this.tokens.takeSymbol('}')) return { kind: 'object', entries };
    do {
      if (this.tokens.next.kind !== 'string') throw this.tokens.unexpected();
      const name = this.tokens.take().text;
      this.tokens.needSymbol(':');
      entries.push([name, this.expression()]);
    } while (this.tokens.takeSymbol(','));
    this.tokens.needSymbol('}');
    return { kind: 'object', entries };
  }
}
