import { readFileSync } from 'node:fs';
import type { ReportedSample } from '../../functions/lib/telemetry/sample.ts';
import { type RecordedEvent, shiftEvents } from '../simulator/shift.ts';
import type { TripTruth } from '../simulator/truth.ts';

export const drives = ['town', 'commute', 'motorway-raw'] as const;
export type DriveName = (typeof drives)[number];

/** The batch of a drive of fixtures/drives, as if it had ended an hour ago. */
export function recordedEvents(name: DriveName): RecordedEvent[] {
  return shiftEvents(read(`${name}.json`) as RecordedEvent[], { endMs: Date.now() - 3_600_000 });
}

/** Its samples, in order. */
export function recordedDrive(name: DriveName): ReportedSample[] {
  return recordedEvents(name).flatMap(({ data }) => (data as { samples: ReportedSample[] }).samples);
}

/** What was true of it, at the time it was recorded. */
export interface Truth {
  vehicle: string;
  samples: number;
  trips: TripTruth[];
}

export function truthOf(name: DriveName): Truth {
  return read(`${name}.truth.json`) as Truth;
}

function read(file: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../fixtures/drives/${file}`, import.meta.url), 'utf8'));
}
