import { z } from 'zod';

const positive = z.number().positive();

/** Defaults of the trip rules. Where each number comes from: AutoPi, Teltonika, Geotab, GpsGate, Traccar, TeslaMate. */
export const defaultRules = {
  /** A trip starts with a sample at least this fast, km/h (Teltonika, AutoPi, MiX). */
  startSpeedKmh: 5,
  /** In a trip, a sample at least this fast is moving, km/h; below it the speed is ~0. */
  stopSpeedKmh: 3,
  /** Without a moving sample for so long, at rest, a trip pauses, s (GpsGate). */
  idleTimeoutS: 120,
  /** A paused trip ends unless it moves again within this, s; with idleTimeoutS a stop of 300 s ends a trip. */
  resumeWindowS: 180,
  /** Silence that ends a trip although the last speed was not ~0, s (TeslaMate). */
  gapTimeoutS: 900,
  /** Ignition off for less than this is ignored, s (Geotab). */
  ignitionToggleS: 30,
  /** Positions less accurate than this are not used, m. */
  maxAccuracyM: 50,
  /** A position that implies more than this is not used, km/h. */
  maxImpliedSpeedKmh: 250,
  /** Moves shorter than this are jitter, m (Geotab). */
  minMoveM: 5,
  /** Speeds are integrated over steps up to this, s. */
  maxStepS: 10,
  /** A longer step between two samples of a trip is a gap, s. */
  gapS: 60,
  /** From here on acceleration or braking is harsh, m/s² (GPS Insight 0.37–0.38 g). */
  harshMps2: 3.7,
  /** What the engine burns, for estimating the fuel rate from air flow. */
  fuel: 'petrol' as 'petrol' | 'diesel',
  /** A trip below this distance or this duration is flagged `micro`, m and s (Traccar, PowUnity). */
  microDistanceM: 200,
  microDurationS: 60,
};

export const rulesSchema = z.strictObject({
  startSpeedKmh: positive,
  stopSpeedKmh: positive,
  idleTimeoutS: positive,
  resumeWindowS: positive,
  gapTimeoutS: positive,
  ignitionToggleS: z.number().min(0),
  maxAccuracyM: positive,
  maxImpliedSpeedKmh: positive,
  minMoveM: z.number().min(0),
  maxStepS: positive,
  gapS: positive,
  harshMps2: positive,
  fuel: z.enum(['petrol', 'diesel']),
  microDistanceM: z.number().min(0),
  microDurationS: z.number().min(0),
});
export type Rules = z.infer<typeof rulesSchema>;

export const presets: Record<'default' | 'delivery' | 'private', Partial<Rules>> = {
  default: {},
  /** Many short stops that are ends of trips. */
  delivery: { idleTimeoutS: 60, resumeWindowS: 120 },
  /** One errand with a stop at the baker's is one trip. */
  private: { idleTimeoutS: 300, resumeWindowS: 600 },
};

const ruleChoice = rulesSchema.partial().extend({ preset: z.enum(['default', 'delivery', 'private']).optional() });

/** The `trips` part of the configuration file: a choice for the fleet, and choices for single vehicles over it. */
export const tripsConfigSchema = z.strictObject({
  fleet: ruleChoice.default({}),
  vehicles: z.record(z.string(), ruleChoice).default({}),
});
export type TripsConfig = z.infer<typeof tripsConfigSchema>;

export type RulesFor = (vehicle: string) => Rules;

/** Rules of each vehicle: defaults, the fleet's preset and numbers, then the vehicle's. Throws RangeError if stop > start. */
export function rulesFrom(config: TripsConfig): RulesFor {
  const resolve = (...choices: z.infer<typeof ruleChoice>[]): Rules => {
    const rules = { ...defaultRules };
    for (const { preset, ...numbers } of choices) Object.assign(rules, preset && presets[preset], numbers);
    if (rules.stopSpeedKmh > rules.startSpeedKmh) {
      throw new RangeError(`stopSpeedKmh ${rules.stopSpeedKmh} is over startSpeedKmh ${rules.startSpeedKmh}`);
    }
    return rules;
  };
  const fleet = resolve(config.fleet);
  const vehicles = new Map(Object.entries(config.vehicles).map(([id, choice]) => [id, resolve(config.fleet, choice)]));
  return (vehicle) => vehicles.get(vehicle) ?? fleet;
}

/** So many seconds without a moving sample cut a drive: after it the state is Idle whatever came before (DESIGN §5). */
export function cutS(rules: Rules): number {
  return Math.max(rules.gapTimeoutS, rules.idleTimeoutS + rules.resumeWindowS);
}
