import { randomFor } from './random.ts';

/** A traffic light as one direction sees it: green for greenS at the start of every cycle, else red. */
export interface Light {
  cycleS: number;
  greenS: number;
  offsetS: number;
}

/** The light at a crossing; the crossing street (another axis) has green while this one has red. */
export function lightAt(crossing: string, axis: 0 | 1): Light {
  const random = randomFor('light', crossing);
  const cycleS = random.integer(50, 80);
  const mainS = Math.round(cycleS * random.between(0.5, 0.62));
  const offsetS = random.integer(0, cycleS - 1);
  // Two seconds in which both are red, as real crossings have to clear.
  return axis === 0
    ? { cycleS, greenS: mainS - 2, offsetS }
    : { cycleS, greenS: cycleS - mainS - 2, offsetS: offsetS + cycleS - mainS };
}

/** Lights run by the clock of the world, so that two cars see the same light alike. */
export function isGreen(light: Light, atMs: number): boolean {
  return (atMs / 1_000 + light.offsetS) % light.cycleS < light.greenS;
}
