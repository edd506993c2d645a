import { defaultBox } from './device.ts';
import { reportedEvents } from './report.ts';
import { type DriveOptions, simulateDrive } from './simulate.ts';

/** Drives that are kept as files in fixtures/drives, at a fixed date; who sends them shifts them to now. */
const drives: Record<string, DriveOptions> = {
  // Fifteen minutes of town at 1 Hz: lights, an idling stop that does not end the trip, one harsh braking.
  town: {
    seed: 1,
    vehicle: 'recorded-town',
    startMs: Date.UTC(2026, 0, 1, 10, 0),
    kind: 'town',
    durationS: 840,
    devices: [{ ...defaultBox, heartbeatS: 0 }],
    stops: [{ atPart: 0.5, restS: 100, engineOff: false }],
    harshBrakes: 1,
  },
  // Two trips: the way through a tunnel, where there is no GPS, is interrupted by nine minutes of parking.
  commute: {
    seed: 1,
    vehicle: 'recorded-commute',
    startMs: Date.UTC(2026, 0, 1, 6, 30),
    kind: 'country',
    route: 1,
    devices: [{ ...defaultBox, intervalMs: 2_000, extras: ['odometerKm', 'fuelRateLph'] }],
    stops: [{ atPart: 0.55, restS: 540, engineOff: true }],
  },
  // Raw OBD-II text, with a trouble code that is set and cleared under way.
  'motorway-raw': {
    seed: 1,
    vehicle: 'recorded-motorway',
    startMs: Date.UTC(2026, 0, 1, 14, 0),
    kind: 'motorway',
    devices: [{ ...defaultBox, intervalMs: 2_000, obd: 'raw', heartbeatS: 0 }],
    codes: [{ code: 'P0133', fromS: 420, toS: 1_020 }],
  },
};

/** Files of fixtures/drives by name: a batch of CloudEvents, one on each line, and beside it what was true. */
export function recordedDrives(): Map<string, string> {
  const files = new Map<string, string>();
  for (const [name, options] of Object.entries(drives)) {
    const { vehicle, startMs, codes = [] } = options;
    const { samples, trips } = simulateDrive(options);
    const events = reportedEvents({ vehicle, samples, idPrefix: `drive:${name}` });
    const at = (seconds: number) => new Date(startMs + seconds * 1_000).toISOString();
    const truth = {
      vehicle,
      samples: samples.length,
      trips,
      codes: codes.map(({ code, fromS, toS }) => ({ code, setAt: at(fromS), clearedAt: at(toS) })),
    };
    files.set(`${name}.json`, `[\n${events.map((event) => JSON.stringify(event)).join(',\n')}\n]\n`);
    files.set(`${name}.truth.json`, `${JSON.stringify(truth, null, 2)}\n`);
  }
  return files;
}
