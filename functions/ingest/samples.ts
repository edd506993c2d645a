import type { z } from 'zod';
import type { ProblemError } from '../lib/problem.ts';
import type { Erasure } from '../lib/store/port.ts';
import { acceptedAheadMs, acceptedDays, dayMs } from '../lib/store/retention.ts';
import { eventTypes } from '../lib/telemetry/events.ts';
import type { IngestLimits } from '../lib/telemetry/limits.ts';
import { plainSample } from '../lib/telemetry/plain-sample.ts';
import {
  defaultDevice,
  type ReportedSample,
  reportedSampleSchema,
  type Sample,
  type VehicleSamples,
} from '../lib/telemetry/sample.ts';
import { instantMs } from '../lib/telemetry/time.ts';
import { isVehicleId, pointerPart, type Reported } from './events.ts';
import { IngestRefusal } from './refusal.ts';

/** GPS counts weeks in 10 bits (IS-GPS-200 §20.3.3.3.1.1): an old receiver's time is 7,168 days behind. */
const gpsWeeks = 1_024;

/**
 * The samples of a request, by vehicle. Throws `invalid-sample` that names every fault by index and pointer: all or
 * nothing, so that the edge can drop those and send the rest.
 *
 * @param erasures tombstones of the vehicles; samples that are not newer are faults, too
 */
export function readSamples(
  events: readonly Reported[],
  limits: IngestLimits,
  nowMs: number,
  erasures: readonly Erasure[] = [],
): VehicleSamples[] {
  const groups = new Map<string, Sample[]>();
  const errors: ProblemError[] = [];
  let count = 0;
  events.forEach(({ vehicle, type, data }, index) => {
    if (type !== undefined && type !== eventTypes.reported) {
      errors.push({
        index,
        pointer: '/type',
        code: 'unknown-type',
        detail: `type must be ${eventTypes.reported}`,
      });
      return;
    }
    if (!isVehicleId(vehicle)) {
      errors.push({
        index,
        pointer: '/subject',
        code: 'invalid-vehicle',
        detail: 'the subject must be the vehicle id, [A-Za-z0-9._:-]{1,64}',
      });
      return;
    }
    const several = samplesList(data);
    count += several?.length ?? 1;
    if (count > limits.samples)
      throw new IngestRefusal('payload-too-large', `a request holds at most ${limits.samples} samples`);
    let group = groups.get(vehicle);
    if (group === undefined) {
      group = [];
      groups.set(vehicle, group);
    }
    const erasedMs = erasures.find((erasure) => erasure.vehicle === vehicle)?.untilMs;
    if (!several) read(data, index, '/data', group, erasedMs);
    else for (const [i, sample] of several.entries()) read(sample, index, `/data/samples/${i}`, group, erasedMs);
  });
  if (errors.length > 0) {
    const [first] = errors;
    throw new IngestRefusal('invalid-sample', `event ${first?.index}, ${first?.pointer}: ${first?.detail}`, errors);
  }
  return [...groups].map(([vehicle, samples]) => ({ vehicle, samples }));

  function read(data: unknown, index: number, pointer: string, group: Sample[], erasedMs: number | undefined): void {
    const sample = plainSample(data) ?? checked(data, index, pointer);
    if (sample === undefined) return;
    const fault = timeFault(sample.timeMs, nowMs);
    if (fault)
      errors.push({
        index,
        pointer: `${pointer}/time`,
        code: 'time-out-of-range',
        detail: fault,
      });
    if (erasedMs !== undefined && sample.timeMs <= erasedMs)
      errors.push({
        index,
        pointer: `${pointer}/time`,
        code: 'vehicle-erased',
        detail: `the vehicle was erased up to ${new Date(erasedMs).toISOString()}`,
      });
    group.push(sample);
  }

  function checked(data: unknown, index: number, pointer: string): Sample | undefined {
    const parsed = reportedSampleSchema.safeParse(data);
    if (parsed.success) return stored(parsed.data);
    errors.push(...faults(parsed.error, index, pointer));
    return undefined;
  }
}

/** The list of `{samples: […]}`, when the data is that and nothing else. */
function samplesList(data: unknown): unknown[] | undefined {
  if (typeof data !== 'object' || data === null || !('samples' in data)) return undefined;
  const { samples, ...others } = data;
  return Array.isArray(samples) && Object.keys(others).length === 0 ? samples : undefined;
}

function stored({ time, device, ...fields }: ReportedSample): Sample {
  return {
    timeMs: instantMs(time),
    device: device ?? defaultDevice,
    ...fields,
  };
}

function timeFault(timeMs: number, nowMs: number): string | undefined {
  if (Number.isNaN(timeMs)) return 'is no instant';
  if (timeMs > nowMs + acceptedAheadMs) return `is over 5 minutes in the future; ${hereIs(nowMs)}`;
  if (timeMs >= nowMs - acceptedDays * dayMs) return undefined;
  const rolledOver = timeFault(timeMs + gpsWeeks * 7 * dayMs, nowMs) === undefined;
  return `is older than ${acceptedDays} days${rolledOver ? `, by just ${gpsWeeks} weeks: the GPS week number rolled over` : ''}; ${hereIs(nowMs)}`;
}

/** Of two clocks, whoever reads it sees which is wrong. */
function hereIs(nowMs: number): string {
  return `it is ${new Date(nowMs).toISOString()} here`;
}

function faults(error: z.ZodError, index: number, pointer: string): ProblemError[] {
  return error.issues.flatMap((issue): ProblemError[] => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        index,
        pointer: `${pointer}/${pointerPart(key)}`,
        code: 'unknown-field',
        detail: 'no such field',
      }));
    }
    const path = issue.path.map((part) => `/${pointerPart(String(part))}`).join('');
    return [
      {
        index,
        pointer: pointer + path,
        code: issue.code.replaceAll('_', '-'),
        detail: issue.message,
      },
    ];
  });
}
