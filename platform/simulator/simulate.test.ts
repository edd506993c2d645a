import { describe, expect, test } from 'vitest';
import { decodeAnswer } from '../../functions/lib/obd2-pid-decoder/src/index.ts';
import { type ReportedSample, reportedSampleSchema } from '../../functions/lib/telemetry/sample.ts';
import { type Device, defaultBox } from './device.ts';
import { demoCars, officeCars } from './fleet.ts';
import { haversineM } from './geo.ts';
import { simulateDay, simulateDrive } from './simulate.ts';

const startMs = Date.UTC(2026, 2, 4, 8);
const options = { seed: 7, vehicle: 'test', startMs, kind: 'country', route: 1 } as const;
const atMs = ({ time }: ReportedSample) => Date.parse(time);
const phone: Device = { ...defaultBox, id: 'phone', obd: 'none', phaseMs: 437, heartbeatS: 0 };

test('the same seed drives the same drive, another seed another one', () => {
  const again = () => simulateDrive({ ...options, devices: [defaultBox, phone] });
  expect(again()).toEqual(again());
  expect(simulateDrive({ ...options, seed: 8 }).trips).not.toEqual(simulateDrive(options).trips);
});

describe.each([...demoCars(), ...officeCars(2)])('a day of $vehicle', (car) => {
  const { samples, trips } = simulateDay(car, startMs);

  test('consists of samples that the server takes, each identity once', () => {
    const refused = samples.filter((sample) => !reportedSampleSchema.safeParse(sample).success);
    expect(refused).toEqual([]);
    expect(new Set(samples.map(({ time, device }) => `${device} ${time}`)).size).toBe(samples.length);
  });

  test('moves as fast as it says, without jumps', () => {
    const positions = samples.filter((sample) => sample.latitude !== undefined);
    let compared = 0;
    const implausible: unknown[] = [];
    positions.slice(1).forEach((b, index) => {
      const a = positions[index] ?? b;
      const seconds = (atMs(b) - atMs(a)) / 1_000;
      const metres = haversineM(placeOf(a), placeOf(b));
      // Over any time: not faster than 140 km/h, plus the noise of two positions.
      if (metres > (140 / 3.6) * seconds + 20) implausible.push({ a, b, metres });
      if (seconds > 2) return;
      compared++;
      const saidKmh = ((a.gpsSpeedKmh ?? 0) + (b.gpsSpeedKmh ?? 0)) / 2;
      if (Math.abs((metres / seconds) * 3.6 - saidKmh) > 16) implausible.push({ a, b, metres });
    });
    expect(implausible).toEqual([]);
    expect(compared).toBeGreaterThan(4_000);
  });

  test('has trips of 20 to 40 minutes, whose ends are more than 300 s apart', () => {
    expect(trips.length).toBe(car.schedule.kind === 'always' ? 30 : 4);
    for (const { startedAt, endedAt, distanceKm, maxSpeedKmh } of trips) {
      const minutes = (Date.parse(endedAt) - Date.parse(startedAt)) / 60_000;
      expect(minutes).toBeGreaterThan(20);
      expect(minutes).toBeLessThan(40);
      expect(distanceKm).toBeGreaterThan(5);
      expect(maxSpeedKmh).toBeLessThan(136);
    }
    trips.slice(1).forEach(({ startedAt }, index) => {
      const parkedS = (Date.parse(startedAt) - Date.parse(trips[index]?.endedAt ?? startedAt)) / 1_000;
      expect(parkedS).toBeGreaterThan(420);
    });
  });
});

describe('trip distance', () => {
  const { samples, trips } = simulateDrive({ ...options, devices: [{ ...defaultBox, extras: ['odometerKm'] }] });
  const trip = trips[0];
  const within = samples.filter(({ time }) => trip && time >= trip.startedAt && time <= trip.endedAt);

  test('is what the trapezoids of the reported speed give, within 1 %', () => {
    let metres = 0;
    within.slice(1).forEach((b, index) => {
      const a = within[index] ?? b;
      metres += (((a.speedKmh ?? 0) + (b.speedKmh ?? 0)) / 2 / 3.6) * ((atMs(b) - atMs(a)) / 1_000);
    });
    expect(Math.abs(metres / 1_000 / (trip?.distanceKm ?? 0) - 1)).toBeLessThan(0.01);
  });

  test('is the difference of the odometer within its resolution', () => {
    const driven = (within.at(-1)?.odometerKm ?? 0) - (within[0]?.odometerKm ?? 0);
    expect(Math.abs(driven - (trip?.distanceKm ?? 0))).toBeLessThanOrEqual(0.11);
  });
});

test('a short stop does not end a trip, a long one does, and both trips start and end at the right samples', () => {
  const parked = (restS: number) =>
    simulateDrive({ ...options, stops: [{ atPart: 0.5, restS, engineOff: restS > 300 }] });
  expect(parked(230).trips).toHaveLength(1);
  const { samples, trips } = parked(540);
  expect(trips).toHaveLength(2);
  for (const { startedAt, endedAt } of trips) {
    const first = samples.findIndex(({ time }) => time === startedAt);
    const last = samples.findIndex(({ time }) => time === endedAt);
    expect(samples[first]?.speedKmh).toBeGreaterThanOrEqual(5);
    expect(samples[first - 1]?.speedKmh).toBeLessThan(5);
    expect(samples[last]?.speedKmh).toBeLessThan(3);
    expect(samples[last - 1]?.speedKmh).toBeGreaterThanOrEqual(3);
  }
});

test('in a tunnel there is no position, the bus goes on, and a phone alone is silent', () => {
  const { samples } = simulateDrive({ ...options, devices: [defaultBox, phone] });
  const box = samples.filter(({ device }) => device === undefined);
  const blind = box.filter(({ latitude, speedKmh }) => latitude === undefined && (speedKmh ?? 0) > 50);
  expect(blind.length).toBeGreaterThan(30);
  const times = samples.filter(({ device }) => device === 'phone').map(atMs);
  const gaps = times.slice(1).map((time, index) => (time - (times[index] ?? time)) / 1_000);
  expect(Math.max(...gaps)).toBeGreaterThan(30);
});

test('raw text decodes to what a device that decodes by itself reports at the same times', () => {
  const drive = (obd: Device['obd']) =>
    simulateDrive({
      ...options,
      devices: [{ ...defaultBox, obd, intervalMs: 2_000, extras: ['odometerKm', 'fuelRateLph'] }],
      codes: [{ code: 'P0133', fromS: 300, toS: 600 }],
    }).samples;
  const decoded = drive('decoded');
  const resolution: Record<string, number> = { engineRpm: 0.63, batteryV: 0.0056, mafGps: 0.001, fuelRateLph: 0.031 };
  drive('raw').forEach(({ obd = [], dtc, time }, index) => {
    const truth = decoded[index] ?? { time: '' };
    expect(truth.time).toBe(time);
    for (const line of obd) {
      const { messages, errors } = decodeAnswer(line);
      expect(errors).toEqual([]);
      for (const { name, value } of messages.flatMap((m) => (m.kind === 'values' ? m.values : []))) {
        const expected = Object.entries(truth).find(([field]) => field === name)?.[1];
        if (typeof value !== 'number' || typeof expected !== 'number') continue;
        // Half a step of the bus (a byte of 0 to 100 % has steps of 0.39), and half a decimal of the decoded value.
        expect(Math.abs(value - expected)).toBeLessThanOrEqual(
          resolution[name] ?? (name.endsWith('Pct') ? 0.25 : 0.31),
        );
      }
    }
    expect(dtc?.flatMap(codesIn)).toEqual(truth.dtc);
  });
});

test('a trouble code is told when it is set and when it is cleared, and named by the trip', () => {
  const { samples, trips } = simulateDrive({ ...options, codes: [{ code: 'P0133', fromS: 300, toS: 600 }] });
  const told = samples.filter(({ dtc }) => dtc !== undefined);
  const changes = told.filter(({ dtc }, index) => dtc?.join() !== (told[index - 1]?.dtc?.join() ?? ''));
  expect(changes.map(({ time, dtc, milOn }) => ({ s: (Date.parse(time) - startMs) / 1_000, dtc, milOn }))).toEqual([
    { s: 300, dtc: ['P0133'], milOn: true },
    { s: 600, dtc: [], milOn: false },
  ]);
  expect(trips[0]?.codes).toEqual(['P0133']);
});

test('an interval other than a second gives the same drive with fewer samples', () => {
  const [fine, coarse] = [1_000, 5_000].map((intervalMs) =>
    simulateDrive({ ...options, devices: [{ ...defaultBox, intervalMs }] }),
  );
  expect((fine?.samples.length ?? 0) / (coarse?.samples.length ?? 1)).toBeGreaterThan(4);
  expect(coarse?.trips[0]?.distanceKm).toBeCloseTo(fine?.trips[0]?.distanceKm ?? 0, 1);
});

function placeOf({ latitude = 0, longitude = 0 }: ReportedSample) {
  return { latitude, longitude };
}

function codesIn(line: string): string[] {
  return decodeAnswer(line).messages.flatMap((message) => (message.kind === 'codes' ? message.codes : []));
}
