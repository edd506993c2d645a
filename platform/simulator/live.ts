import type { ReportedSample } from '../../functions/lib/telemetry/sample.ts';
import { type Car, type Leg, openGarage, planDay } from './car.ts';
import { type DrivePlan, type SimulatedDrive, simulatePlan } from './drive.ts';
import { dayAt } from './schedule.ts';
import type { Observation } from './sensors.ts';
import type { TripTruth } from './truth.ts';

/** A car at any time: the same answers whenever and in whatever pieces it is asked. Intervals are [from, to), ms. */
export interface LiveCar {
  vehicle: string;
  /** Samples taken in the interval, in order of time. */
  samples(fromMs: number, toMs: number): Generator<ReportedSample>;
  /** Samples that reach the server in the interval, in order of arrival; late ones come long after they were taken. */
  deliveries(fromMs: number, toMs: number): Generator<ReportedSample>;
  /** Trips that ended in the interval. */
  trips(fromMs: number, toMs: number): Generator<TripTruth>;
}

/** A live view asks for one leg at a time, and around the change for the next one, too; a leg takes some megabytes. */
const keptLegs = 2;
const keptDays = 3;

export function simulateLive(car: Car): LiveCar {
  const garage = openGarage(car);
  const days = createCache<number, Leg[]>(keptDays);
  const drives = createCache<string, ReportedLeg>(keptLegs);

  function* legs(fromMs: number, toMs: number): Generator<ReportedLeg> {
    // A day before: its last leg reaches into the next day by the jitter of the first start.
    for (let day = dayAt(car.schedule, fromMs) - 1; day <= dayAt(car.schedule, toMs); day++) {
      for (const { plan, index } of days(day, () => planDay(garage, day))) {
        if (plan.startMs < toMs && plan.untilMs > fromMs) yield drives(`${day}/${index}`, () => reportedLeg(plan));
      }
    }
  }
  function* observations(fromMs: number, toMs: number, by: 'atMs' | 'deliverAtMs'): Generator<ReportedSample> {
    for (const drive of legs(fromMs, toMs)) {
      const within = drive.observations.filter((observation) => observation[by] >= fromMs && observation[by] < toMs);
      const ordered = by === 'atMs' ? within : within.sort(byDelivery);
      for (const { sample } of ordered) yield sample;
    }
  }
  return {
    vehicle: car.vehicle,
    samples: (fromMs, toMs) => observations(fromMs, toMs, 'atMs'),
    // Whatever is late arrives before its leg is over: outages end two minutes before the car is parked.
    deliveries: (fromMs, toMs) => observations(fromMs, toMs, 'deliverAtMs'),
    *trips(fromMs, toMs) {
      for (const { trips } of legs(fromMs, toMs)) {
        yield* trips.filter(({ endedAt }) => Date.parse(endedAt) >= fromMs && Date.parse(endedAt) < toMs);
      }
    },
  };
}

/** What is kept of a leg: the movement behind it is not asked for any more. */
type ReportedLeg = Pick<SimulatedDrive, 'observations' | 'trips'>;

function reportedLeg(plan: DrivePlan): ReportedLeg {
  const { observations, trips } = simulatePlan(plan);
  return { observations, trips };
}

function byDelivery(a: Observation, b: Observation): number {
  return a.deliverAtMs - b.deliverAtMs || a.atMs - b.atMs;
}

/** Keeps the last few results, the oldest goes first. */
function createCache<Key, Value>(kept: number): (key: Key, make: () => Value) => Value {
  const values = new Map<Key, Value>();
  return (key, make) => {
    const value = values.get(key) ?? make();
    values.set(key, value);
    for (const oldest of values.keys()) {
      if (values.size <= kept) break;
      values.delete(oldest);
    }
    return value;
  };
}
