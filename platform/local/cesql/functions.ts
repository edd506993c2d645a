import { cast, isInteger, type Result, type Type, typeOf, type Value } from './values.ts';

/** A built-in function: what it is given has been cast to its parameters' types. */
export interface BuiltIn {
  /** `Any` is left as it is. */
  parameters: readonly (Type | 'Any')[];
  /** Type of all further parameters; without it there are none. */
  rest?: Type;
  returns: Type;
  call(...values: Value[]): Result;
}

/** The function of a name in upper case that takes so many parameters (CloudEvents SQL v1 §3.5: overloads differ in arity). */
export function builtIn(name: string, arity: number): BuiltIn | undefined {
  return builtIns
    .get(name)
    ?.find(({ parameters, rest }) => parameters.length === arity || (rest !== undefined && parameters.length < arity));
}

const text = (call: (text: string) => Value, returns: Type): BuiltIn => ({
  parameters: ['String'],
  returns,
  call: (value) => ({ value: call(value as string) }),
});

const builtIns: ReadonlyMap<string, readonly BuiltIn[]> = new Map<string, BuiltIn[]>([
  ['LENGTH', [text((value) => [...value].length, 'Integer')]],
  ['LOWER', [text((value) => value.toLowerCase(), 'String')]],
  ['UPPER', [text((value) => value.toUpperCase(), 'String')]],
  ['TRIM', [text((value) => value.trim(), 'String')]],
  ['CONCAT', [{ parameters: [], rest: 'String', returns: 'String', call: (...all) => ({ value: all.join('') }) }]],
  [
    'CONCAT_WS',
    [
      {
        parameters: ['String'],
        rest: 'String',
        returns: 'String',
        call: (delimiter, ...all) => ({ value: all.join(delimiter as string) }),
      },
    ],
  ],
  ['LEFT', [part((characters, length) => characters.slice(0, length))]],
  ['RIGHT', [part((characters, length) => characters.slice(Math.max(0, characters.length - length)))]],
  [
    'SUBSTRING',
    [
      { parameters: ['String', 'Integer'], returns: 'String', call: substring },
      { parameters: ['String', 'Integer', 'Integer'], returns: 'String', call: substring },
    ],
  ],
  ['ABS', [{ parameters: ['Integer'], returns: 'Integer', call: absolute }]],
  ['INT', [{ parameters: ['Any'], returns: 'Integer', call: (value) => cast(value as Value, 'Integer') }]],
  ['STRING', [{ parameters: ['Any'], returns: 'String', call: (value) => cast(value as Value, 'String') }]],
  ['BOOL', [{ parameters: ['Any'], returns: 'Boolean', call: toBoolean }]],
]);

function toBoolean(value: Value = false): Result {
  return typeOf(value) === 'Integer' ? { value: value !== 0 } : cast(value, 'Boolean');
}

function absolute(value: Value = 0): Result {
  const positive = Math.abs(value as number);
  return isInteger(positive) ? { value: positive } : { value: 2 ** 31 - 1, error: 'math' };
}

/** The first or last characters; all of them, and an error, for a negative number. */
function part(take: (characters: string[], length: number) => string[]): BuiltIn {
  return {
    parameters: ['String', 'Integer'],
    returns: 'String',
    call(value, length) {
      if ((length as number) < 0) return { value: value as string, error: 'functionEvaluation' };
      return { value: take([...(value as string)], length as number).join('') };
    },
  };
}

/** Positions count from 1, negative ones from the end; 0 is nowhere. */
function substring(value: Value = '', position: Value = 0, length: Value = Infinity): Result {
  const characters = [...(value as string)];
  const [from, count] = [position as number, length as number];
  if (Math.abs(from) > characters.length || count < 0) return { value: '', error: 'functionEvaluation' };
  if (from === 0) return { value: '' };
  const start = from > 0 ? from - 1 : characters.length + from;
  return { value: characters.slice(start, start + count).join('') };
}
