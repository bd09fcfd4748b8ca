// Reads expressions, by recursive descent: conditional, ??, OR, AND, NOT, comparison, ||, + -, * / %, sign, property.

import { queryError, unsupportedQuery } from '../errors.ts';
import { AGGREGATES_NOT_SUPPORTED, FUNCTIONS } from './functions.ts';
import type { BinaryOperator, Expression, Written } from './syntax.ts';
import type { Token, TokenReader } from './tokens.ts';

const COMPARISONS = ['=', '!=', '<>', '<', '<=', '>', '>='];
/** Binary operators that bind alike, loosest first. */
const ARITHMETIC: readonly (readonly BinaryOperator[])[] = [['||'], ['+', '-'], ['*', '/', '%']];
const CONSTANTS: Readonly<Record<string, Expression>> = {
  TRUE: { kind: 'literal', value: true },
  FALSE: { kind: 'literal', value: false },
  NULL: { kind: 'literal', value: null },
  UNDEFINED: { kind: 'literal', value: undefined },
};
const NOT_NAMES = ['AND', 'OR', 'NOT', 'IN', 'BETWEEN', 'LIKE', 'SELECT', 'FROM', 'WHERE', 'ORDER', 'GROUP', 'BY', 'TOP', 'VALUE', 'AS', 'EXISTS', 'ARRAY', 'JOIN'];

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
    let left = this.comparison();
    while (this.tokens.takeWord('AND')) left = { kind: 'binary', operator: 'AND', left, right: this.comparison() };
    return left;
  }

  private comparison(): Expression {
    const left = this.arithmetic(0);
    const operator = this.tokens.next;
    if (this.tokens.takeSymbol(...COMPARISONS)) {
      const name = operator.text === '<>' ? '!=' : operator.text as BinaryOperator;
      return { kind: 'binary', operator: name, left, right: this.arithmetic(0) };
    }
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
    return { kind: 'in', operand, options: this.list(')') };
  }

  private interval(operand: Expression): Expression | undefined {
    if (!this.tokens.takeWord('BETWEEN')) return undefined;
    const low = this.arithmetic(0);
    this.tokens.needWord('AND');
    return { kind: 'between', operand, low, high: this.arithmetic(0) };
  }

  private arithmetic(level: number): Expression {
    const operators = ARITHMETIC[level];
    if (operators === undefined) return this.unary();
    let left = this.arithmetic(level + 1);
    for (let operator = this.tokens.next; this.tokens.takeSymbol(...operators); operator = this.tokens.next) {
      left = { kind: 'binary', operator: operator.text as BinaryOperator, left, right: this.arithmetic(level + 1) };
    }
    return left;
  }

  private unary(): Expression {
    if (this.tokens.takeSymbol('-')) return { kind: 'negate', operand: this.unary() };
    if (this.tokens.takeSymbol('+')) return this.unary();
    if (this.tokens.takeWord('NOT')) return this.negation();
    return this.properties(this.primary());
  }

  /** `NOT a = b` is read differently by different dialects, so it must be written with parentheses. */
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
      return this.properties({ kind: 'property', of, key: { kind: 'literal', value: this.tokens.needName().text } });
    }
    if (this.tokens.takeSymbol('[')) {
      const key = this.expression();
      this.tokens.needSymbol(']');
      return this.properties({ kind: 'property', of, key });
    }
    return of;
  }

  private primary(): Expression {
    const token = this.tokens.take();
    if (token.kind === 'string') return { kind: 'literal', value: token.text };
    if (token.kind === 'number') return { kind: 'literal', value: Number(token.text) };
    if (token.kind === 'parameter') return { kind: 'parameter', name: token.text };
    if (token.kind === 'name') return this.named(token);
    if (token.text === '[') return { kind: 'array', items: this.list(']') };
    if (token.text === '{') return this.object();
    if (token.text !== '(') throw queryError('SC1001', `Syntax error, incorrect syntax near '${token.text}'.`, token.start, token.end);
    if (this.tokens.atWord('SELECT')) throw unsupportedQuery('a subquery', token.start, token.end);
    const inner = this.expression();
    this.tokens.needSymbol(')');
    return inner;
  }

  private named(token: Token): Expression {
    const upper = token.text.toUpperCase();
    if (upper === 'EXISTS' || upper === 'ARRAY') throw unsupportedQuery(upper, token.start, token.end);
    if (this.tokens.atSymbol('(') && !NOT_NAMES.includes(upper)) return this.call(token, upper);
    const constant = CONSTANTS[upper];
    if (constant !== undefined) return constant;
    if (NOT_NAMES.includes(upper)) throw queryError('SC1001', `Syntax error, incorrect syntax near '${token.text}'.`, token.start, token.end);
    if (token.text === this.alias) return { kind: 'document' };
    throw queryError('SC2001', `Identifier '${token.text}' could not be resolved.`, token.start, token.end);
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
      if (this.tokens.next.kind !== 'string' && this.tokens.next.kind !== 'name') throw this.tokens.unexpected();
      const name = this.tokens.take().text;
      this.tokens.needSymbol(':');
      entries.push([name, this.expression()]);
    } while (this.tokens.takeSymbol(','));
    this.tokens.needSymbol('}');
    return { kind: 'object', entries };
  }
}
