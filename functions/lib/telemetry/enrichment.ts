import { isDeepStrictEqual } from 'node:util';
import { decodeAnswer, type Message } from '../obd2-pid-decoder/src/index.ts';
import { type Column, columns } from './columns.ts';
import type { Sample, SampleFields } from './sample.ts';

/** Stoichiometric air–fuel mass ratio, and density in g/l (telemetry facts: petrol 14.7 and 745, diesel 14.5 and 832). */
const fuels = {
  petrol: { airRatio: 14.7, gramsPerL: 745 },
  diesel: { airRatio: 14.5, gramsPerL: 832 },
};

const pidColumns: ReadonlyMap<string, Column> = new Map(
  columns.flatMap((column) => (column.pid ? [[`${Number.parseInt(column.pid, 16)} ${column.name}`, column]] : [])),
);

const codePattern = /^[PCBU][0-3][0-9A-F]{3}$/i;

/**
 * What one sample tells beyond what was reported: decoded PIDs and trouble codes, the ignition, an estimated fuel rate in
 * l/h, plausibility flags. A function of the reported fields alone, so that doing it again changes nothing; raw answers
 * win over a decoded field sent beside them.
 *
 * @returns only the fields that differ from what the sample has
 */
export function enrichment(sample: Sample, fuel: keyof typeof fuels): SampleFields {
  const derived: Record<string, unknown> = {};
  const flags: string[] = [];
  if (sample.obd) decodeObd(sample.obd, derived, flags);
  if (sample.dtc) decodeCodes(sample.dtc, derived, flags);
  const known = { ...sample, ...derived } as Sample;
  if (known.ignitionOn === undefined && known.engineRpm !== undefined) derived.ignitionOn = known.engineRpm > 0;
  if (known.mafGps !== undefined) {
    const { airRatio, gramsPerL } = fuels[fuel];
    derived.fuelRateEstimateLph = (known.mafGps * 3600) / (airRatio * gramsPerL);
  }
  if (sample.latitude === 0 && sample.longitude === 0) flags.push('position-zero');
  if (flags.length > 0 || sample.flags) derived.flags = flags;
  return Object.fromEntries(
    Object.entries(derived).filter(([name, value]) => !isDeepStrictEqual(value, sample[name as keyof Sample])),
  ) as SampleFields;
}

/** All lines as one answer, because the frames of a long one may come as lines of their own. */
function decodeObd(lines: readonly string[], derived: Record<string, unknown>, flags: string[]): void {
  const { messages, errors } = decodeAnswer(lines.join('\r'));
  for (const message of messages) {
    if (message.kind === 'values' && message.mode === 1) takeValues(message, derived, flags);
    else if (message.kind === 'codes') takeCodes(message, derived);
  }
  // NO DATA is how an adapter says that the car does not have a PID; nothing is wrong with the sample.
  if (errors.some((error) => error.code !== 'no-data')) flags.push('obd-undecodable');
}

function takeValues(
  { pid, values }: Extract<Message, { kind: 'values' }>,
  derived: Record<string, unknown>,
  flags: string[],
): void {
  for (const { name, value } of values) {
    const column = pidColumns.get(`${pid} ${name}`);
    // Several ECUs may answer one PID; the first, the engine's, counts.
    if (!column || column.name in derived) continue;
    if (typeof value === 'number' && (value < column.min || value > column.max)) flags.push('value-implausible');
    else derived[column.name] = value;
  }
}

const codesField = {
  stored: 'codesStored',
  pending: 'codesPending',
  permanent: 'codesPermanent',
} as const;

function takeCodes({ status, codes }: Extract<Message, { kind: 'codes' }>, derived: Record<string, unknown>): void {
  const field = codesField[status];
  derived[field] = union((derived[field] as string[] | undefined) ?? [], codes);
}

/** Codes in plain text, raw answers of modes 03, 07 and 0A, or an empty list: there are none. */
function decodeCodes(lines: readonly string[], derived: Record<string, unknown>, flags: string[]): void {
  const plain = lines.filter((line) => codePattern.test(line)).map((line) => line.toUpperCase());
  const raw = lines.filter((line) => !codePattern.test(line));
  if (plain.length > 0 || raw.length === 0)
    takeCodes({ kind: 'codes', mode: 3, status: 'stored', codes: plain }, derived);
  if (raw.length === 0) return;
  const { messages, errors } = decodeAnswer(raw.join('\r'));
  for (const message of messages) if (message.kind === 'codes') takeCodes(message, derived);
  if (errors.length > 0 || messages.length === 0) flags.push('dtc-undecodable');
}

function union(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])].sort();
}
