import type { ReportedSample } from '../../functions/lib/telemetry/sample.ts';
import type { Device } from './device.ts';
import { decodedFields, fastSignals, signalValues, slowSignals } from './ecu.ts';
import { createGps } from './gps.ts';
import { deliveryMs, isWithin, type Outages } from './outages.ts';
import type { Random } from './random.ts';
import { rawAnswers, rawCodes, rawMonitorStatus } from './raw-obd.ts';
import type { VehicleState } from './vehicle-state.ts';

/** A sample with what only the simulator knows of it. */
export interface Observation {
  atMs: number;
  /** When it reaches the server: later than atMs where there was no network. */
  deliverAtMs: number;
  /** The speed that trip rules see in this sample; absent where it says none. */
  speedKmh: number | undefined;
  sample: ReportedSample;
}

/** Slow values and trouble codes are read anew after so long, ms. */
const slowEveryMs = 10_000;
const codesEveryMs = 60_000;

/** What a device reports at these times, in order. */
export function observe(options: {
  device: Device;
  times: Iterable<number>;
  stateAt: (atMs: number) => VehicleState;
  outages: Outages;
  random: Random;
}): Observation[] {
  const { device, times, stateAt, outages, random } = options;
  const gps = createGps(random);
  const readBus = createBusReader(device);
  const observations: Observation[] = [];
  for (const atMs of times) {
    const state = stateAt(atMs);
    const position = device.gps ? gps(state, state.tunnel || isWithin(outages.gpsLosses, atMs)) : undefined;
    // Before the bus is read: a change of codes during a silence is told after it, and not lost.
    if (isWithin(outages.silences, atMs)) continue;
    const bus = device.obd === 'none' ? undefined : readBus(state);
    if (!position && !bus) continue;
    observations.push({
      atMs,
      deliverAtMs: deliveryMs(outages.offline, atMs, random),
      speedKmh: bus?.speedKmh ?? position?.gpsSpeedKmh,
      sample: {
        time: new Date(atMs).toISOString(),
        ...(device.id !== undefined && { device: device.id }),
        ...position,
        ...bus?.fields,
      },
    });
  }
  return observations;
}

/** Reads the car's bus sample by sample: fast values always, slow ones and trouble codes when they are due. */
function createBusReader(
  device: Device,
): (state: VehicleState) => { speedKmh: number; fields: Partial<ReportedSample> } {
  let slowMs = -Infinity;
  let codesMs = -Infinity;
  let reported = '';
  return (state) => {
    const slow = state.atMs - slowMs >= slowEveryMs;
    const codes = state.atMs - codesMs >= codesEveryMs || state.codes.join() !== reported;
    if (slow) slowMs = state.atMs;
    if (codes) {
      codesMs = state.atMs;
      reported = state.codes.join();
    }
    const values = signalValues(state, [...fastSignals, ...device.extras, ...(slow ? slowSignals : [])]);
    const speedKmh = Math.round(state.speedMps * 3.6);
    if (device.obd === 'raw') {
      const obd = [...rawAnswers(values), ...(codes ? [rawMonitorStatus(state.codes)] : [])];
      return { speedKmh, fields: { obd, ...(codes && { dtc: rawCodes(state.codes) }) } };
    }
    const status = { milOn: state.codes.length > 0, dtcCount: state.codes.length, dtc: [...state.codes] };
    return { speedKmh, fields: { ...decodedFields(values), ignitionOn: state.engineOn, ...(codes && status) } };
  };
}
