import type { ReportedSample } from '../../../functions/lib/telemetry/sample.ts';
import { demoCars } from '../../simulator/fleet.ts';
import { type LiveCar, simulateLive } from '../../simulator/live.ts';
import type { Random } from '../../simulator/random.ts';

/** What one POST carries, always of one vehicle. */
export interface Request {
  vehicle: string;
  samples: ReportedSample[];
  /** How the samples stand in the body. */
  form: (typeof forms)[number];
  /** Carries a sample that must be refused, and with it all others, which are sent by nobody else. */
  bad?: true;
}

/** One event, a batch of events with a sample each, or one event with a list of samples. */
export const forms = ['single', 'batch', 'list'] as const;

/** Of a device, ms: some dozens of samples in a stretch. */
const intervalMs = 15_000;
const maxInRequest = 15;
/** Time that passes for the cars in a round: at most this, and over all rounds what ingest takes, ms. */
const stretch = { mostMs: 30 * 60_000, allMs: 4.4 * 86_400_000 };
/** Of requests: kept back for later rounds; sent twice; with a sample that is refused. */
const chances = { late: 0.05, twice: 0.1, bad: 0.02 };

/**
 * Cars of every kind, with trips, stops, outages and two devices, as a stream of requests: late, shuffled, doubled, single
 * and in batches. What they do depends on the seed alone; when they do it, on when the traffic began.
 */
export class Traffic {
  readonly #cars: LiveCar[];
  readonly #random: Random;
  readonly #stretchMs: number;
  #reachedMs: number;
  #kept: Request[] = [];

  constructor(random: Random, fromMs: number, rounds: number) {
    this.#random = random;
    this.#stretchMs = Math.min(stretch.mostMs, stretch.allMs / rounds);
    this.#reachedMs = fromMs;
    this.#cars = demoCars().map((car) =>
      simulateLive({ ...car, devices: car.devices.map((device) => ({ ...device, intervalMs })) }),
    );
  }

  get vehicles(): string[] {
    return this.#cars.map(({ vehicle }) => vehicle);
  }

  /** What the cars send in the next stretch of their time, in some order. */
  next(): Request[] {
    const random = this.#random;
    const fromMs = this.#reachedMs;
    this.#reachedMs += this.#stretchMs;
    const requests = this.#kept;
    this.#kept = [];
    for (const car of this.#cars) {
      for (const request of this.#requestsOf(car, fromMs, this.#reachedMs)) {
        if (random.chance(chances.late)) this.#kept.push(request);
        else requests.push(request);
        if (random.chance(chances.twice)) requests.push(request);
      }
    }
    return random.chance(0.5) ? requests : random.shuffle(requests);
  }

  /** What was kept back until the end. */
  rest(): Request[] {
    return this.#kept.splice(0);
  }

  #requestsOf({ vehicle, deliveries }: LiveCar, fromMs: number, toMs: number): Request[] {
    const random = this.#random;
    // As JSON carries them: without undefined, and without -0.
    const all: ReportedSample[] = JSON.parse(JSON.stringify([...deliveries(fromMs, toMs)]));
    const samples = random.chance(0.3) ? random.shuffle(all) : all;
    const requests: Request[] = [];
    while (samples.length > 0) {
      const form = random.pick(forms);
      const part = samples.splice(0, form === 'single' ? 1 : random.integer(1, maxInRequest));
      requests.push({ vehicle, samples: part, form });
      const [first] = part;
      if (first && random.chance(chances.bad)) requests.push(badRequest(vehicle, first));
    }
    return requests;
  }
}

/** A good sample of an instant that nobody else reports, and beside it one that is not. */
function badRequest(vehicle: string, like: ReportedSample): Request {
  const time = new Date(Date.parse(like.time) + 1).toISOString();
  const samples = [
    { ...like, time },
    { ...like, time, speedKmh: -1 },
  ];
  return { vehicle, samples, form: 'batch', bad: true };
}
