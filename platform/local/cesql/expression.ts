import type { Value } from './values.ts';

export type BinaryOperator = LogicOperator | '=' | '!=' | '<' | '<=' | '>' | '>=' | ArithmeticOperator;
export type LogicOperator = 'AND' | 'OR' | 'XOR';
export type ArithmeticOperator = '*' | '/' | '%' | '+' | '-';

/** A parsed expression (CloudEvents SQL v1 §2.1). */
export type Expression =
  | { kind: 'literal'; value: Value }
  | { kind: 'attribute'; name: string }
  | { kind: 'exists'; name: string }
  | { kind: 'not' | 'minus'; operand: Expression }
  | { kind: 'binary'; operator: BinaryOperator; left: Expression; right: Expression }
  | { kind: 'like'; operand: Expression; pattern: string; negated: boolean }
  | { kind: 'in'; operand: Expression; set: Expression[]; negated: boolean }
  | { kind: 'call'; name: string; parameters: Expression[] };
