import type { CloudEvent } from '../../functions/lib/telemetry/events.ts';
import type { ReportedSample } from '../../functions/lib/telemetry/sample.ts';

/** A reported event of a file: many samples in it, or one. */
export type RecordedEvent = CloudEvent<{ samples: readonly ReportedSample[] } | ReportedSample>;

/**
 * A recorded batch as if it had happened later: all times moved by the same whole seconds, so that the last sample is
 * at or less than a second before `endMs`. Ids get the shift as a suffix, because an id names one content. The input
 * stays as it is.
 */
export function shiftEvents(events: readonly RecordedEvent[], { endMs }: { endMs: number }): RecordedEvent[] {
  const times = events.flatMap(({ data }) => samplesOf(data).map(({ time }) => Date.parse(time)));
  if (times.length === 0) return [...events];
  // A loop instead of Math.max(...times): a month of samples is more than a call may have arguments.
  const lastMs = times.reduce((last, time) => Math.max(last, time), -Infinity);
  const shiftS = Math.floor((endMs - lastMs) / 1_000);
  const shifted = (time: string) => new Date(Date.parse(time) + shiftS * 1_000).toISOString();
  const moved = (sample: ReportedSample) => ({ ...sample, time: shifted(sample.time) });
  return events.map((event) => ({
    ...event,
    id: `${event.id}:${shiftS}`,
    ...(event.time !== undefined && { time: shifted(event.time) }),
    ...(event.data && {
      data: 'samples' in event.data ? { ...event.data, samples: event.data.samples.map(moved) } : moved(event.data),
    }),
  }));
}

function samplesOf(data: RecordedEvent['data']): readonly ReportedSample[] {
  if (!data) return [];
  return 'samples' in data ? data.samples : [data];
}
