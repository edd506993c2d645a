import { expect, test } from 'vitest';
import { sizeOf } from './decode-pid.ts';
import { PIDS } from './pid-table.ts';

test('every PID from 00 to C4 has its row, in place', () => {
  expect(PIDS).toHaveLength(0xc5);
  for (const [index, row] of PIDS.entries()) expect(row.pid).toBe(index);
});

test('names are unique: of rows in the table and of values in their row', () => {
  expect(new Set(PIDS.map(({ name }) => name)).size).toBe(PIDS.length);
  for (const row of PIDS) expect(new Set(row.values.map(({ name }) => name)).size).toBe(row.values.length);
});

test('values lie within the longest form of their row, and bounds within the raw range', () => {
  for (const row of PIDS) {
    const longest = Math.max(row.bytes ?? 0, ...row.alsoBytes);
    for (const field of row.values) {
      expect(field.at + sizeOf(field), `${row.name}.${field.name}`).toBeLessThanOrEqual(longest);
      if (field.kind !== 'number') continue;
      const limit = 2 ** field.width;
      const [low, high] = field.signed ? [-limit / 2, limit / 2 - 1] : [0, limit - 1];
      expect(field.min).toBeLessThan(field.max);
      expect(field.min).toBeGreaterThanOrEqual((low * field.mul) / field.div + field.add);
      expect(field.max).toBeLessThanOrEqual((high * field.mul) / field.div + field.add);
    }
  }
});

// What readers of other packages pick out by PID and name: a change here breaks them.
test.each([
  [0x01, 'milOn', ''],
  [0x01, 'dtcCount', 'count'],
  [0x04, 'engineLoadPct', '%'],
  [0x05, 'coolantC', '°C'],
  [0x06, 'shortFuelTrimPct', '%'],
  [0x07, 'longFuelTrimPct', '%'],
  [0x0a, 'fuelPressureKpa', 'kPa'],
  [0x0b, 'manifoldKpa', 'kPa'],
  [0x0c, 'engineRpm', 'rpm'],
  [0x0d, 'speedKmh', 'km/h'],
  [0x0e, 'timingAdvanceDeg', '°'],
  [0x0f, 'intakeAirC', '°C'],
  [0x10, 'mafGps', 'g/s'],
  [0x11, 'throttlePct', '%'],
  [0x1f, 'engineRunTimeS', 's'],
  [0x21, 'distanceWithMilKm', 'km'],
  [0x2f, 'fuelLevelPct', '%'],
  [0x31, 'distanceSinceClearKm', 'km'],
  [0x33, 'barometricKpa', 'kPa'],
  [0x42, 'batteryV', 'V'],
  [0x46, 'ambientC', '°C'],
  [0x5b, 'hybridBatteryPct', '%'],
  [0x5c, 'oilC', '°C'],
  [0x5e, 'fuelRateLph', 'l/h'],
  [0xa6, 'odometerKm', 'km'],
])('PID %i has %s in %s', (pid, name, unit) => {
  const field = PIDS[pid]?.values.find((value) => value.name === name);
  expect(field?.kind === 'number' ? field.unit : '').toBe(unit);
  expect(field).toBeDefined();
});
