import type { DecodeError } from './errors.ts';

/** One value of a PID. `unit` is empty for statements and words. */
export interface PidValue {
  readonly name: string;
  readonly value: number | boolean | string | string[] | number[];
  readonly unit: string;
}

/** Modes 01 (current) and 02 (freeze frame): the values of one PID. */
export interface ValuesMessage {
  readonly kind: 'values';
  /** CAN identifier (`7E8`, `18DAF110`) or source address (`10`), where the answer had headers. */
  readonly ecu?: string;
  readonly mode: 1 | 2;
  readonly pid: number;
  /** Freeze frame number, in mode 02. */
  readonly frame?: number;
  readonly name: string;
  /** Without the values that the ECU says it does not support; empty if there are none. */
  readonly values: readonly PidValue[];
}

/** Modes 03, 07 and 0A: trouble codes such as `P0133`, without duplicates. */
export interface CodesMessage {
  readonly kind: 'codes';
  readonly ecu?: string;
  readonly mode: 3 | 7 | 10;
  readonly status: 'stored' | 'pending' | 'permanent';
  readonly codes: readonly string[];
}

/** Mode 09: one item of vehicle information. */
export interface InfoMessage {
  readonly kind: 'info';
  readonly ecu?: string;
  readonly mode: 9;
  readonly pid: number;
  readonly name: string;
  readonly value: number | string | string[] | number[];
}

export type Message = ValuesMessage | CodesMessage | InfoMessage;

/** What an answer said, in order of arrival, and what in it could not be understood. */
export interface Answer {
  readonly messages: Message[];
  readonly errors: DecodeError[];
}

/** A frame as a CAN controller gives it; `data` has up to 8 bytes. */
export interface CanFrame {
  readonly id: number;
  readonly data: Uint8Array;
}

/** Status word of the modes that list trouble codes. */
export const CODES_STATUS = { 3: 'stored', 7: 'pending', 10: 'permanent' } as const;
