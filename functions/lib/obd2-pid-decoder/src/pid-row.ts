/** A condition on one bit of the data: [byte offset, bit, required value]. */
export type Need = readonly [at: number, bit: number, is: 0 | 1];

interface FieldBase {
  /** Stable identifier, unique within its PID; the unit comes last (`coolantC`). */
  readonly name: string;
  /** Offset of the first byte; data byte A is 0. */
  readonly at: number;
  /** The field is there only when all of these hold (support bits, engine type). */
  readonly needs: readonly Need[];
}

interface BitField extends FieldBase {
  readonly shift: number;
  readonly width: number;
}

/** value = raw · mul / div + add. `min` and `max` are the documented bounds, in `unit`. */
export interface NumberField extends BitField {
  readonly kind: 'number';
  readonly unit: string;
  readonly size: 1 | 2 | 4;
  readonly signed: boolean;
  readonly mul: number;
  readonly div: number;
  readonly add: number;
  readonly min: number;
  readonly max: number;
  /** This raw value says "no value here" and is left out. */
  readonly absent: number | undefined;
}

/** One bit. `inverted`: the bit is 1 when the statement is false (readiness "complete"). */
export interface FlagField extends FieldBase {
  readonly kind: 'flag';
  readonly bit: number;
  readonly inverted: boolean;
}

/** An enumerated byte or part of one. A raw value without a word is an error. */
export interface ChoiceField extends BitField {
  readonly kind: 'choice';
  readonly words: Readonly<Record<number, string>>;
}

/** Words whose bits are set, lowest bit first. */
export interface SetField extends BitField {
  readonly kind: 'set';
  readonly words: readonly string[];
}

/** Four bytes: which of the 32 PIDs after `base` are supported. */
export interface PidsField extends FieldBase {
  readonly kind: 'pids';
  readonly base: number;
}

/** A trouble code in two bytes; 0000 is "none" and is left out. */
export interface CodeField extends FieldBase {
  readonly kind: 'code';
}

/** Bytes whose meaning is reserved or unpublished, as upper-case hex; `size` null takes all that follow. */
export interface RawField extends FieldBase {
  readonly kind: 'raw';
  readonly size: number | null;
}

export type Field = NumberField | FlagField | ChoiceField | SetField | PidsField | CodeField | RawField;

/** One PID of modes 01 and 02. */
export interface PidRow {
  readonly pid: number;
  readonly name: string;
  readonly description: string;
  /** Data bytes; null when the length is not published: then the rest of the answer is taken. */
  readonly bytes: number | null;
  /** Other lengths this PID has when it is alone in its answer (earlier editions, banks 3 and 4). */
  readonly alsoBytes: readonly number[];
  readonly values: readonly Field[];
}
