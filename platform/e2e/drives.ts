import { readFileSync } from 'node:fs';
import type { ReportedSample } from '../../functions/lib/telemetry/sample.ts';
import { type RecordedEvent, shiftEvents } from '../simulator/shift.ts';

export const drives = ['town', 'commute', 'motorway-raw'] as const;
export type DriveName = (typeof drives)[number];

/** The samples of a drive of fixtures/drives, in order, as if it had ended an hour ago. */
export function recordedDrive(name: DriveName): ReportedSample[] {
  const file = new URL(`../../fixtures/drives/${name}.json`, import.meta.url);
  const events: RecordedEvent[] = JSON.parse(readFileSync(file, 'utf8'));
  return shiftEvents(events, { endMs: Date.now() - 3_600_000 }).flatMap(
    ({ data }) => (data as { samples: ReportedSample[] }).samples,
  );
}
