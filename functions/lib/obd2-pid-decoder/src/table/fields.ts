import type {
  ChoiceField,
  CodeField,
  Field,
  FlagField,
  Need,
  NumberField,
  PidRow,
  RawField,
  SetField,
} from '../pid-row.ts';

/** A row of the table; see {@link PidRow}. */
export function row(
  pid: number,
  name: string,
  description: string,
  bytes: number | null,
  values: readonly Field[],
  alsoBytes: readonly number[] = [],
): PidRow {
  return { pid, name, description, bytes, alsoBytes, values };
}

/** Bit `bit` of data byte A says that the value is supported. */
export function supported(bit: number): readonly Need[] {
  return [[0, bit, 1]];
}

interface NumberOptions {
  mul?: number;
  div?: number;
  add?: number;
  min?: number;
  max?: number;
  signed?: boolean;
  shift?: number;
  width?: number;
  absent?: number;
  needs?: readonly Need[];
}

/** A number; bounds are those of the raw range unless the standard names narrower ones. */
export function number(
  name: string,
  unit: string,
  at: number,
  size: 1 | 2 | 4,
  options: NumberOptions = {},
): NumberField {
  const { mul = 1, div = 1, add = 0, signed = false, shift = 0, width = size * 8, needs = [] } = options;
  const rawMin = signed ? -(2 ** (width - 1)) : 0;
  const rawMax = signed ? 2 ** (width - 1) - 1 : 2 ** width - 1;
  return {
    kind: 'number',
    name,
    unit,
    at,
    size,
    signed,
    shift,
    width,
    mul,
    div,
    add,
    min: options.min ?? (rawMin * mul) / div + add,
    max: options.max ?? (rawMax * mul) / div + add,
    absent: options.absent,
    needs,
  };
}

/** 0–100 % in one byte. */
export function percent(name: string, at: number, needs: readonly Need[] = []): NumberField {
  return number(name, '%', at, 1, { mul: 100, div: 255, needs });
}

/** −100–99.2 % in one byte: fuel trims and errors. */
export function trim(name: string, at: number, needs: readonly Need[] = []): NumberField {
  return number(name, '%', at, 1, { mul: 100, div: 128, add: -100, needs });
}

/** −125–130 % in one byte. */
export function torque(name: string, at: number): NumberField {
  return number(name, '%', at, 1, { add: -125 });
}

/** −40–215 °C in one byte. */
export function celsius(name: string, at: number, needs: readonly Need[] = []): NumberField {
  return number(name, '°C', at, 1, { add: -40, needs });
}

/** −40–6513.5 °C in two bytes. */
export function celsiusTenths(name: string, at: number, needs: readonly Need[] = []): NumberField {
  return number(name, '°C', at, 2, { div: 10, add: -40, needs });
}

/** Equivalence ratio 0–2 in two bytes. */
export function lambda(name: string, at: number): NumberField {
  return number(name, 'ratio', at, 2, { mul: 2, div: 65536 });
}

export function flag(
  name: string,
  at: number,
  bit: number,
  needs: readonly Need[] = [],
  inverted: boolean = false,
): FlagField {
  return { kind: 'flag', name, at, bit, inverted, needs };
}

export function choice(
  name: string,
  at: number,
  words: Readonly<Record<number, string>>,
  { shift = 0, width = 8, needs = [] }: { shift?: number; width?: number; needs?: readonly Need[] } = {},
): ChoiceField {
  return { kind: 'choice', name, at, shift, width, words, needs };
}

export function set(name: string, at: number, words: readonly string[], shift: number = 0): SetField {
  return { kind: 'set', name, at, shift, width: words.length, words, needs: [] };
}

export function code(name: string, at: number): CodeField {
  return { kind: 'code', name, at, needs: [] };
}

export function raw(at: number = 0, size: number | null = null, name: string = 'raw'): RawField {
  return { kind: 'raw', name, at, size, needs: [] };
}

/** A bitmap row: which of the 32 PIDs after `base` the ECU answers. */
export function bitmap(base: number): PidRow {
  const hex = (pid: number): string => pid.toString(16).toUpperCase().padStart(2, '0');
  return row(base, `supportedPids${hex(base)}`, `PIDs supported, ${hex(base + 1)} to ${hex(base + 32)}`, 4, [
    { kind: 'pids', name: 'supportedPids', at: 0, base, needs: [] },
  ]);
}

/** A row that is reserved or whose layout is not published. */
export function opaque(pid: number, name: string, description: string, bytes: number | null = null): PidRow {
  return row(pid, name, description, bytes, [raw()]);
}
