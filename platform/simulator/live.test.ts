import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReportedSample } from '../../functions/lib/telemetry/sample.ts';
import { openGarage, planDay } from './car.ts';
import { planMotion } from './drive.ts';
import { demoCars } from './fleet.ts';
import { simulateLive } from './live.ts';
import { endMsOf } from './motion.ts';
import { dayAt, dayMs } from './schedule.ts';

const startMs = Date.UTC(2026, 4, 30, 21, 17);
const hourMs = 3_600_000;
const atMs = ({ time }: ReportedSample) => Date.parse(time);

describe.each(demoCars())('$vehicle', (car) => {
  const live = simulateLive(car);
  const whole = [...live.samples(startMs, startMs + 4 * hourMs)];

  test('reports the same whether it is asked at once or in pieces, now or later', () => {
    const cut = fc.integer({ min: 0, max: 4 * hourMs });
    fc.assert(
      fc.property(fc.array(cut, { maxLength: 6 }), (cuts) => {
        const bounds = [0, ...cuts, 4 * hourMs].sort((a, b) => a - b).map((part) => startMs + part);
        const pieces = bounds.slice(1).flatMap((to, index) => [...live.samples(bounds[index] ?? to, to)]);
        expect(pieces).toEqual(whole);
      }),
      { numRuns: 5 },
    );
    expect([...simulateLive(car).samples(startMs, startMs + 4 * hourMs)]).toEqual(whole);
    expect(whole.every((sample) => atMs(sample) >= startMs && atMs(sample) < startMs + 4 * hourMs)).toBe(true);
  });

  test('delivers every sample once, in any pieces, and no later than eight minutes after it was taken', () => {
    const delivered: ReportedSample[] = [];
    for (let from = startMs; from < startMs + 5 * hourMs; from += 61_000) {
      for (const sample of live.deliveries(from, from + 61_000)) {
        expect(atMs(sample)).toBeLessThan(from + 61_000);
        expect(atMs(sample)).toBeGreaterThan(from - 480_000);
        delivered.push(sample);
      }
    }
    const key = (sample: ReportedSample) => JSON.stringify(sample);
    const taken = new Set(delivered.map(key));
    expect(taken.size).toBe(delivered.length);
    expect(whole.filter((sample) => atMs(sample) > startMs + 480_000 && !taken.has(key(sample)))).toEqual([]);
  });

  test('has an odometer that continues from day to day, as the place where it is parked', () => {
    const garage = openGarage(car);
    const legs = [20_600, 20_601, 20_602].flatMap((day) => planDay(garage, day).map(({ plan }) => plan));
    legs.slice(1).forEach((plan, index) => {
      const before = legs[index] ?? plan;
      expect(plan.startMs).toBe(before.untilMs);
      expect(plan.start.odometerKm).toBeCloseTo(before.start.odometerKm + before.road.lengthM / 1_000, 6);
      expect(plan.road.points[0]?.latitude).toBeCloseTo(before.road.points.at(-1)?.latitude ?? 0, 6);
      expect(plan.road.points[0]?.longitude).toBeCloseTo(before.road.points.at(-1)?.longitude ?? 0, 6);
    });
  });
});

test('at least two of the demo cars drive at any moment of a week, and each parks for longer than 300 s', () => {
  const firstMs = Date.UTC(2026, 5, 1);
  const changes = demoCars().flatMap((car) => {
    const garage = openGarage(car);
    return Array.from({ length: 9 }, (_, offset) => dayAt(car.schedule, firstMs) - 1 + offset)
      .flatMap((day) => planDay(garage, day))
      .flatMap(({ plan }) => {
        const motion = planMotion(plan);
        const first = motion.speedMps.findIndex((v) => v * 3.6 >= 5);
        const last = motion.speedMps.findLastIndex((v) => v > 0);
        expect(plan.untilMs - endMsOf(motion)).toBeGreaterThan(420_000);
        return [
          { atMs: plan.startMs + first * motion.stepMs, change: 1 },
          { atMs: plan.startMs + last * motion.stepMs, change: -1 },
        ];
      });
  });
  let driving = 0;
  let fewest = Infinity;
  for (const { atMs, change } of changes.sort((a, b) => a.atMs - b.atMs)) {
    driving += change;
    if (atMs >= firstMs && atMs < firstMs + 7 * dayMs) fewest = Math.min(fewest, driving);
  }
  expect(fewest).toBeGreaterThanOrEqual(2);
});

test('two hours of history hold finished trips of every car, and a trouble code that is set or cleared', () => {
  const garages = demoCars().map(openGarage);
  const plans = [20_600, 20_601, 20_602].flatMap((day) => garages.flatMap((garage) => planDay(garage, day)));
  const codeMs = plans.flatMap(({ plan }) => plan.start.codes.flatMap(({ fromMs, toMs }) => [fromMs, toMs]));
  const endedMs = garages.map((garage) =>
    [20_600, 20_601, 20_602].flatMap((day) => planDay(garage, day)).map(({ plan }) => endMsOf(planMotion(plan))),
  );
  for (let toMs = 20_601 * dayMs; toMs < 20_602 * dayMs; toMs += 300_000) {
    const within = (list: number[]) => list.filter((ms) => ms >= toMs - 2 * hourMs && ms < toMs).length;
    expect(within(codeMs)).toBeGreaterThan(0);
    for (const list of endedMs) expect(within(list)).toBeGreaterThanOrEqual(2);
  }
});

test('phones without network deliver late and out of order, boxes do not', () => {
  const late = demoCars().map((car) => {
    const samples = [...simulateLive(car).deliveries(startMs, startMs + 6 * hourMs)];
    return samples.filter(({ time }, index) => time < (samples[index - 1]?.time ?? '')).length;
  });
  expect(late.map((count) => count > 100)).toEqual([false, false, false, true, true]);
});
