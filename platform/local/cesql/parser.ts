import type { BinaryOperator, Expression } from './expression.ts';
import { type Token, tokensOf } from './lexer.ts';
import { CesqlSyntaxError } from './syntax-error.ts';
import { isInteger } from './values.ts';

/** Of one expression; recursion stops here and not at the end of the stack. */
const maxDepth = 64;
const maxLength = 4_096;

/**
 * Levels of binary operators, the loosest first, as the grammar beside the specification has them (cesql/CESQLParser.g4).
 * AND, OR and XOR are one level and group to the right there: `a AND b OR c` is `a AND (b OR c)`.
 */
const levels: readonly (readonly string[])[] = [
  ['AND', 'OR', 'XOR'],
  ['=', '!=', '<>', '>=', '<=', '<', '>'],
  ['+', '-'],
  ['*', '/', '%'],
];
const keywords = new Set(['AND', 'OR', 'XOR', 'NOT', 'LIKE', 'EXISTS', 'IN', 'TRUE', 'FALSE']);

/** Reads an expression (CloudEvents SQL v1 §2). Throws {@link CesqlSyntaxError} for what is none, or too long or deep. */
export function parse(text: string): Expression {
  if (text.length > maxLength) throw new CesqlSyntaxError(maxLength, `more than ${maxLength} characters`);
  const parser = new Parser(tokensOf(text));
  const expression = parser.expression();
  parser.expect('end');
  return expression;
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  expression(): Expression {
    return this.#nested(() => this.#binary(0));
  }

  expect(kind: Token['kind'], text?: string): Token {
    const token = this.#peek();
    if (token.kind !== kind || (text !== undefined && token.text !== text)) this.#refuse(text ?? kind);
    this.#next += 1;
    return token;
  }

  #binary(level: number): Expression {
    const operators = levels[level];
    if (operators === undefined) return this.#matching();
    let left = this.#binary(level + 1);
    for (let operator = this.#take(operators); operator !== undefined; operator = this.#take(operators)) {
      const right = level === 0 ? this.#nested(() => this.#binary(0)) : this.#binary(level + 1);
      left = { kind: 'binary', operator: (operator === '<>' ? '!=' : operator) as BinaryOperator, left, right };
    }
    return left;
  }

  /** LIKE and IN bind more tightly than all other binary operators. */
  #matching(): Expression {
    let operand = this.#unary();
    for (;;) {
      const negated = this.#word() === 'NOT';
      const operator = this.#word(negated ? 1 : 0);
      if (operator !== 'LIKE' && operator !== 'IN') return operand;
      this.#next += negated ? 2 : 1;
      if (operator === 'LIKE') operand = { kind: 'like', operand, pattern: this.expect('string').text, negated };
      else operand = { kind: 'in', operand, set: this.#list(1), negated };
    }
  }

  /** Unary operators bind most tightly of all: `NOT a = b` is `(NOT a) = b`. */
  #unary(): Expression {
    if (this.#take(['NOT'])) return { kind: 'not', operand: this.#nested(() => this.#unary()) };
    const sign = this.#take(['+', '-']);
    // A sign before digits belongs to the literal, so that the least integer can be written.
    if (sign !== undefined && this.#peek().kind === 'integer') return this.#integer(sign);
    if (sign === '-') return { kind: 'minus', operand: this.#nested(() => this.#unary()) };
    if (sign === '+') this.#refuse('integer');
    return this.#primary();
  }

  #primary(): Expression {
    const { kind, text } = this.#peek();
    if (kind === 'integer') return this.#integer('+');
    if (kind === 'string') return { kind: 'literal', value: this.expect('string').text };
    if (this.#take(['('])) {
      const expression = this.expression();
      this.expect('symbol', ')');
      return expression;
    }
    if (this.#take(['TRUE'])) return { kind: 'literal', value: true };
    if (this.#take(['FALSE'])) return { kind: 'literal', value: false };
    if (this.#take(['EXISTS'])) return { kind: 'exists', name: this.#attribute() };
    if (kind === 'word' && this.#peek(1).text === '(' && /^[A-Za-z][A-Za-z_]*$/.test(text) && !this.#isKeyword()) {
      this.#next += 1;
      return { kind: 'call', name: text.toUpperCase(), parameters: this.#list(0) };
    }
    return { kind: 'attribute', name: this.#attribute() };
  }

  /** Attribute names are lower case, and are found in any (the kit: `EXISTS SOURCE`). */
  #attribute(): string {
    const { kind, text } = this.#peek();
    if (kind !== 'word' || this.#isKeyword() || text.includes('_')) this.#refuse('an expression');
    this.#next += 1;
    return text.toLowerCase();
  }

  #integer(sign: string): Expression {
    const { text, at } = this.expect('integer');
    const value = Number(sign + text);
    if (!isInteger(value)) throw new CesqlSyntaxError(at, `${sign}${text} is no integer of 32 bits`);
    // No negative zero.
    return { kind: 'literal', value: value + 0 };
  }

  /** Expressions in parentheses, at least so many. */
  #list(least: number): Expression[] {
    this.expect('symbol', '(');
    const list: Expression[] = [];
    if (least === 0 && this.#take([')'])) return list;
    do list.push(this.expression());
    while (this.#take([',']));
    this.expect('symbol', ')');
    return list;
  }

  #take(texts: readonly string[]): string | undefined {
    const { kind, text } = this.#peek();
    const found = kind === 'symbol' ? text : this.#word();
    if (found === undefined || !texts.includes(found)) return undefined;
    this.#next += 1;
    return found;
  }

  /** A word in upper case: keywords are written in any. */
  #word(ahead = 0): string | undefined {
    const { kind, text } = this.#peek(ahead);
    return kind === 'word' ? text.toUpperCase() : undefined;
  }

  #isKeyword(): boolean {
    return keywords.has(this.#peek().text.toUpperCase());
  }

  /** There is always one: nobody takes what is at the end. */
  #peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)] as Token;
  }

  #nested(read: () => Expression): Expression {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new CesqlSyntaxError(this.#peek().at, `nested deeper than ${maxDepth}`);
    const expression = read();
    this.#depth -= 1;
    return expression;
  }

  #refuse(expected: string): never {
    const { kind, text, at } = this.#peek();
    throw new CesqlSyntaxError(at, `${kind === 'end' ? text : JSON.stringify(text)} where ${expected} should be`);
  }
}
