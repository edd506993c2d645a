import type { CloudEvent } from '../../../functions/lib/telemetry/events.ts';
import type { ArithmeticOperator, Expression } from './expression.ts';
import { builtIn } from './functions.ts';
import { likePattern } from './like.ts';
import { cast, isInteger, type Result, type Type, typeOf, type Value, zero } from './values.ts';

type Evaluate = (event: CloudEvent) => Result;

/**
 * Makes an expression a function. What an operation is given with an error makes it the zero of what it answers, with
 * that error (the published kit: `1 != 1 / 0` is false); so does an operand that cannot be cast (§3.4).
 */
export function compile(expression: Expression): Evaluate {
  switch (expression.kind) {
    case 'literal':
      return () => ({ value: expression.value });
    case 'attribute':
      return (event) => {
        const value = attribute(event, expression.name);
        return value === undefined ? { value: false, error: 'missingAttribute' } : { value };
      };
    case 'exists':
      return (event) => ({ value: attribute(event, expression.name) !== undefined });
    case 'not':
      return not(compile(expression.operand));
    case 'minus':
      return operation([compile(expression.operand)], ['Integer'], 'Integer', (value) => integer(-(value as number)));
    case 'like': {
      const matches = likePattern(expression.pattern);
      const wanted = !expression.negated;
      return operation([compile(expression.operand)], ['String'], 'Boolean', (text) => ({
        value: matches(text as string) === wanted,
      }));
    }
    case 'in':
      return isIn(expression);
    case 'call':
      return call(expression.name, expression.parameters.map(compile));
    case 'binary':
      return binary(expression);
  }
}

/** The data is not addressable (§1), and a name is never found in a prototype. */
function attribute(event: CloudEvent, name: string): Value | undefined {
  const value = name === 'data' || !Object.hasOwn(event, name) ? undefined : event[name];
  if (value === undefined || value === null) return undefined;
  return typeof value === 'boolean' || typeof value === 'number' ? value : String(value);
}

/** Casts the operands and applies. */
function operation(
  operands: readonly Evaluate[],
  types: readonly (Type | 'Any')[],
  returns: Type,
  apply: (...values: Value[]) => Result,
): Evaluate {
  return (event) => {
    const values: Value[] = [];
    for (const evaluate of operands) {
      const given = evaluate(event);
      if (given.error !== undefined) return { value: zero[returns], error: given.error };
      values.push(given.value);
    }
    for (const [index, value] of values.entries()) {
      const to = types[index] ?? 'Any';
      const { value: casted, error } = to === 'Any' ? { value } : cast(value, to);
      if (error !== undefined) return { value: zero[returns], error };
      values[index] = casted;
    }
    return apply(...values);
  };
}

/** The one operation that goes on with the zero of a failed cast: the kit has `NOT 10` as true, with an error. */
function not(operand: Evaluate): Evaluate {
  return (event) => {
    const given = operand(event);
    if (given.error !== undefined) return { ...given, value: false };
    const { value, error } = cast(given.value, 'Boolean');
    return error === undefined ? { value: !value } : { value: !value, error };
  };
}

function binary({ operator, left, right }: Extract<Expression, { kind: 'binary' }>): Evaluate {
  const operands = [compile(left), compile(right)] as const;
  switch (operator) {
    case 'AND':
      return shortCircuit(...operands, false);
    case 'OR':
      return shortCircuit(...operands, true);
    case 'XOR':
      return operation(operands, ['Boolean', 'Boolean'], 'Boolean', (x, y) => ({ value: x !== y }));
    case '=':
    case '!=': {
      // The right operand decides which equality is meant (§3.7).
      const equal = operator === '=';
      return operation(operands, [], 'Boolean', (x = false, y = false) => {
        const { value, error } = cast(x, typeOf(y));
        return error === undefined ? { value: (value === y) === equal } : { value: false, error };
      });
    }
    case '<':
      return comparison(operands, (x, y) => x < y);
    case '<=':
      return comparison(operands, (x, y) => x <= y);
    case '>':
      return comparison(operands, (x, y) => x > y);
    case '>=':
      return comparison(operands, (x, y) => x >= y);
    default:
      return operation(operands, ['Integer', 'Integer'], 'Integer', (x, y) =>
        arithmetic[operator](x as number, y as number),
      );
  }
}

/** Without a look at the right operand where the left one decides (§3.6). */
function shortCircuit(left: Evaluate, right: Evaluate, decides: boolean): Evaluate {
  const asBoolean = (operand: Evaluate) => operation([operand], ['Boolean'], 'Boolean', (value = false) => ({ value }));
  const [first, second] = [asBoolean(left), asBoolean(right)];
  return (event) => {
    const result = first(event);
    return result.error !== undefined || result.value === decides ? result : second(event);
  };
}

function comparison(operands: readonly Evaluate[], holds: (x: number, y: number) => boolean): Evaluate {
  return operation(operands, ['Integer', 'Integer'], 'Boolean', (x, y) => ({
    value: holds(x as number, y as number),
  }));
}

const arithmetic: Record<ArithmeticOperator, (x: number, y: number) => Result> = {
  '*': (x, y) => integer(x * y),
  '+': (x, y) => integer(x + y),
  '-': (x, y) => integer(x - y),
  // Truncated, and the remainder with the sign of the dividend (§3.4.2).
  '/': (x, y) => (y === 0 ? { value: 0, error: 'math' } : integer(Math.trunc(x / y))),
  '%': (x, y) => (y === 0 ? { value: 0, error: 'math' } : integer(x % y)),
};

/** Beyond 32 bits there is no integer; and no negative zero. */
function integer(value: number): Result {
  return isInteger(value) ? { value: value + 0 } : { value: 0, error: 'math' };
}

/** The elements are cast to the type of the left operand (§3.7), up to the first that is equal. */
function isIn({ operand, set, negated }: Extract<Expression, { kind: 'in' }>): Evaluate {
  const element = compile(operand);
  const members = set.map(compile);
  return (event) => {
    const wanted = element(event);
    if (wanted.error !== undefined) return { value: false, error: wanted.error };
    for (const evaluate of members) {
      const member = evaluate(event);
      if (member.error !== undefined) return { value: false, error: member.error };
      const { value, error } = cast(member.value, typeOf(wanted.value));
      if (error !== undefined) return { value: false, error };
      if (value === wanted.value) return { value: !negated };
    }
    return { value: negated };
  };
}

function call(name: string, parameters: readonly Evaluate[]): Evaluate {
  const found = builtIn(name, parameters.length);
  if (found === undefined) return () => ({ value: false, error: 'missingFunction' });
  const types = parameters.map((_, index) => found.parameters[index] ?? found.rest ?? 'Any');
  return operation(parameters, types, found.returns, found.call);
}
