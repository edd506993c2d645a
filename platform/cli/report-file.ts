import { type RecordedEvent, shiftEvents } from '../simulator/shift.ts';
import { CliError } from './exit.ts';
import type { World } from './world.ts';

/** What a file of reports holds: CloudEvents, or plain reports (the data of an event with `vehicle` beside it). */
export type Report =
  | { kind: 'event'; event: RecordedEvent }
  | { kind: 'plain'; vehicle: string | undefined; samples: Sample[] };

type Sample = Extract<RecordedEvent['data'], { time: string }>;
type Json = Record<string, unknown>;

/**
 * Reads a batch, a single event, plain JSON, or lines of any of them (NDJSON). What is in a sample is for the server to
 * judge; here only its place is found. Throws CliError (noInput, data) naming the file, and the line or item.
 */
export async function readReports(path: string, world: World): Promise<Report[]> {
  const text = await world.read(path).catch((error: Error) => {
    throw new CliError('noInput', `cannot read ${path}: ${error.message}`, { cause: error });
  });
  return parseReports(text, path === '-' ? 'standard input' : path);
}

export function parseReports(text: string, name: string): Report[] {
  const values = parseWhole(text) ?? parseLines(text, name);
  const reports = values
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .map((value, at) => reportOf(value, `${name}: item ${at}`));
  if (reports.length === 0) throw new CliError('data', `${name}: holds no reports`);
  return reports;
}

/** The same reports with their times moved so that the last sample is at `endMs`. Throws CliError (data). */
export function shiftReports(reports: readonly Report[], endMs: number, name: string): Report[] {
  const envelopes = reports.map((report) => (report.kind === 'event' ? report.event : envelopeOf(report.samples)));
  try {
    return shiftEvents(envelopes, { endMs }).map((event, at): Report => {
      const report = reports[at] as Report;
      return report.kind === 'event' ? { kind: 'event', event } : { ...report, samples: samplesOf(event) };
    });
  } catch (error) {
    throw new CliError('data', `${name}: cannot be shifted: each sample needs a time as RFC 3339`, { cause: error });
  }
}

/** Samples of an event, as far as it has any. */
export function samplesOf({ data }: { data?: unknown }): Sample[] {
  if (!isObject(data)) return [];
  return (Array.isArray(data.samples) ? data.samples : [data]) as Sample[];
}

function reportOf(value: unknown, place: string): Report {
  if (!isObject(value)) throw new CliError('data', `${place} is neither an event nor a report`);
  if ('specversion' in value) return { kind: 'event', event: value as unknown as RecordedEvent };
  const { vehicle, ...data } = value;
  if (vehicle !== undefined && typeof vehicle !== 'string')
    throw new CliError('data', `${place}: vehicle must be a string`);
  return { kind: 'plain', vehicle, samples: samplesOf({ data }) };
}

/** Shifting works on events: plain samples are put into one for the time being. */
function envelopeOf(samples: Sample[]): RecordedEvent {
  return { specversion: '1.0', id: '', source: '', type: '', data: { samples } };
}

function parseWhole(text: string): unknown[] | undefined {
  try {
    return [JSON.parse(text)];
  } catch {
    return undefined;
  }
}

function parseLines(text: string, name: string): unknown[] {
  return text.split('\n').flatMap((line, at) => {
    if (line.trim() === '') return [];
    try {
      return [JSON.parse(line)];
    } catch {
      throw new CliError('data', `${name}: line ${at + 1} is not JSON`);
    }
  });
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
