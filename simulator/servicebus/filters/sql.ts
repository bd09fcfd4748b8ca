// Parses SQL filters. The simulator knows comparisons, AND, OR, NOT, IN, LIKE, IS NULL, EXISTS and
// arithmetic over literals and properties. The parser refuses everything else when a client creates
// the rule, never later at a message.

import { BrokerError } from '../broker-error.ts';
import type { MessageFields, SystemProperty } from '../message.ts';
import { evaluate } from './sql-evaluate.ts';
import type { Arithmetic, Comparison, Expression } from './sql-expression.ts';
import { tokenize, type Token } from './sql-tokens.ts';

/** By their names in filters, in lower case. */
const SYSTEM_PROPERTIES: Readonly<Record<string, SystemProperty>> = {
  messageid: 'messageId',
  correlationid: 'correlationId',
  to: 'to',
  replyto: 'replyTo',
  label: 'label',
  subject: 'label',
  sessionid: 'sessionId',
  replytosessionid: 'replyToSessionId',
  contenttype: 'contentType',
};
const COMPARISONS: readonly string[] = ['=', '<>', '!=', '<', '<=', '>', '>='];
const MAX_FILTER_LENGTH = 1024;

/** Compiles a SQL filter. Throws a BrokerError for an unsupported filter. */
export function compileSql(text: string): (facts: MessageFields) => boolean {
  if (text.length > MAX_FILTER_LENGTH)
    throw new BrokerError(
      'com.microsoft:argument-error',
      `The SQL filter has ${text.length} characters; the longest may have ${MAX_FILTER_LENGTH}.`,
    );
  const expression = new Parser(text).parse();
  return (facts) => evaluate(expression, facts) === true;
}

class Parser {
  private readonly text: string;
  private readonly tokens: readonly Token[];
  private position = 0;

  constructor(text: string) {
    this.text = text;
    this.tokens = tokenize(text, (what) => this.refused(what));
  }

  parse(): Expression {
    const expression = this.either();
    if (this.peek() !== undefined) throw this.unexpected();
    return expression;
  }

  private either(): Expression {
    let left = this.both();
    while (this.word('or')) left = { kind: 'or', left, right: this.both() };
    return left;
  }

  private both(): Expression {
    let left = this.negation();
    while (this.word('and')) left = { kind: 'and', left, right: this.negation() };
    return left;
  }

  private negation(): Expression {
    return this.word('not') ? { kind: 'not', of: this.negation() } : this.condition();
  }

  private condition(): Expression {
    if (this.word('exists')) return this.existence();
    const left = this.sum();
    const operator = this.sign(COMPARISONS);
    if (operator !== undefined)
      return {
        kind: 'compare',
        operator: (operator === '!=' ? '<>' : operator) as Comparison,
        left,
        right: this.sum(),
      };
    if (this.word('is')) {
      const negated = this.word('not');
      if (!this.word('null')) throw this.unexpected();
      return negate({ kind: 'isNull', of: left }, negated);
    }
    const negated = this.word('not');
    if (this.word('in')) return negate({ kind: 'in', of: left, values: this.list() }, negated);
    if (this.word('like')) return negate(this.like(left), negated);
    if (negated) throw this.unexpected();
    return left;
  }

  private existence(): Expression {
    this.expectSign('(');
    const of = this.atom();
    if (of.kind !== 'user' && of.kind !== 'system') throw this.refused('EXISTS asks for a property');
    this.expectSign(')');
    return { kind: 'exists', of };
  }

  private list(): Expression[] {
    this.expectSign('(');
    const values = [this.sum()];
    while (this.sign([',']) !== undefined) values.push(this.sum());
    this.expectSign(')');
    return values;
  }

  private like(of: Expression): Expression {
    const pattern = this.quotedText('LIKE asks for a pattern in quotes');
    const escape = this.word('escape') ? this.quotedText('ESCAPE asks for a character in quotes') : undefined;
    return { kind: 'like', of, pattern: likePattern(pattern, escape) };
  }

  private sum(): Expression {
    let left = this.product();
    for (let operator = this.sign(['+', '-']); operator !== undefined; operator = this.sign(['+', '-'])) {
      left = { kind: 'arithmetic', operator: operator as Arithmetic, left, right: this.product() };
    }
    return left;
  }

  private product(): Expression {
    let left = this.signed();
    for (
      let operator = this.sign(['*', '/', '%']);
      operator !== undefined;
      operator = this.sign(['*', '/', '%'])
    ) {
      left = { kind: 'arithmetic', operator: operator as Arithmetic, left, right: this.signed() };
    }
    return left;
  }

  private signed(): Expression {
    if (this.sign(['-']) === undefined) return this.atom();
    return { kind: 'arithmetic', operator: '-', left: { kind: 'literal', value: 0 }, right: this.signed() };
  }

  private atom(): Expression {
    if (this.sign(['(']) !== undefined) {
      const inner = this.either();
      this.expectSign(')');
      return inner;
    }
    const token = this.next();
    if (token.kind === 'literal') return { kind: 'literal', value: token.value };
    if (token.kind === 'name') return this.named(token);
    this.position -= 1;
    throw this.unexpected();
  }

  private named(token: Extract<Token, { kind: 'name' }>): Expression {
    const lower = token.name.toLowerCase();
    if (!token.quoted && this.sign(['.']) !== undefined) {
      const property = this.next();
      if (property.kind !== 'name') throw this.refused(`a property must follow "${token.name}."`);
      if (lower === 'user') return { kind: 'user', name: property.name };
      const system = SYSTEM_PROPERTIES[property.name.toLowerCase()];
      if (lower !== 'sys' || system === undefined)
        throw this.refused(`"${token.name}.${property.name}" is no property that is known here`);
      return { kind: 'system', name: system };
    }
    if (!token.quoted && (lower === 'true' || lower === 'false'))
      return { kind: 'literal', value: lower === 'true' };
    if (!token.quoted && lower === 'null') return { kind: 'literal', value: null };
    if (!token.quoted && this.peek()?.kind === 'sign' && this.sign(['(']) !== undefined)
      throw this.refused(`the function "${token.name}" is not known here`);
    return { kind: 'user', name: token.name };
  }

  private quotedText(otherwise: string): string {
    const token = this.next();
    if (token.kind !== 'literal' || typeof token.value !== 'string') throw this.refused(otherwise);
    return token.value;
  }

  private peek(): Token | undefined {
    return this.tokens[this.position];
  }

  private next(): Token {
    const token = this.peek();
    if (token === undefined) throw this.refused('it ends too early');
    this.position += 1;
    return token;
  }

  private word(word: string): boolean {
    const token = this.peek();
    if (token?.kind !== 'name' || token.quoted || token.name.toLowerCase() !== word) return false;
    this.position += 1;
    return true;
  }

  private sign(signs: readonly string[]): string | undefined {
    const token = this.peek();
    if (token?.kind !== 'sign' || !signs.includes(token.sign)) return undefined;
    this.position += 1;
    return token.sign;
  }

  private expectSign(sign: string): void {
    if (this.sign([sign]) === undefined) throw this.unexpected();
  }

  private unexpected(): BrokerError {
    const token = this.peek();
    return this.refused(token === undefined ? 'it ends too early' : `"${token.text}" is not expected`);
  }

  private refused(what: string): BrokerError {
    return new BrokerError(
      'com.microsoft:argument-error',
      `The SQL filter "${this.text}" is not understood: ${what}. Known are comparisons, AND, ` +
        'OR, NOT, IN, LIKE, IS NULL, EXISTS and arithmetic over literals and properties.',
    );
  }
}

const negate = (expression: Expression, negated: boolean): Expression =>
  negated ? { kind: 'not', of: expression } : expression;

/** % matches any text, _ matches any one character. */
function likePattern(pattern: string, escape: string | undefined): RegExp {
  let source = '';
  for (let index = 0; index < pattern.length; index += 1) {
    const literal = pattern[index] === escape;
    if (literal) index += 1;
    const character = pattern[index] ?? '';
    if (!literal && character === '%') source += '.*';
    else if (!literal && character === '_') source += '.';
    else source += character.replace(/[\\^$.*+?()[\]{}|]/, '\\$&');
  }
  return new RegExp(`^${source}$`, 's');
}
