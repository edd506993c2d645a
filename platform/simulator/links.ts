import { type PlanePoint, planeM } from './geo.ts';
import { lightAt } from './lights.ts';
import { blocksOf, linkBetween, type PlaceId, placePoint } from './places.ts';
import { randomFor } from './random.ts';
import { reversed, type Waypoint } from './road.ts';

/** Links are drawn with a point every so often, m. */
const pointM = 25;
/** So far from the middle of a town its 50 km/h hold, m. */
const townM = 700;

/** The road between two neighbouring places; everybody finds the same bends, whichever way they come. */
export function linkWaypoints(from: PlaceId, to: PlaceId): Waypoint[] {
  const { a, b, kind, tunnel } = linkBetween(from, to);
  const random = randomFor('link', a, b);
  const start = placePoint(a);
  const end = placePoint(b);
  const lengthM = planeM(start, end);
  const count = Math.ceil(lengthM / pointM);
  const sideways = bends(random.between, lengthM, kind === 'motorway' ? motorwayBends : countryBends);
  const slowFrom = random.between(0.3, 0.6);
  const waypoints = Array.from({ length: count + 1 }, (_, index): Waypoint => {
    const part = index / count;
    const inTunnel = tunnel !== undefined && part >= tunnel[0] && part < tunnel[1];
    const limitKmh = inTunnel
      ? 80
      : isTown(a, part * lengthM) || isTown(b, (1 - part) * lengthM)
        ? 50
        : part >= slowFrom && part < slowFrom + 0.12
          ? { country: 70, motorway: 100 }[kind]
          : { country: 100, motorway: 130 }[kind];
    return { ...offset(start, end, part, sideways(part)), limitKmh, tunnel: inTunnel };
  });
  addTownLights(waypoints, a, b);
  return from === a ? waypoints : reversed(waypoints);
}

interface Bends {
  /** Wavelength, m, and largest sideways swing, m. */
  waves: readonly (readonly [wavelengthM: number, swingM: number])[];
}

const countryBends: Bends = {
  waves: [
    [6_000, 260],
    [2_100, 60],
    [760, 16],
  ],
};
const motorwayBends: Bends = {
  waves: [
    [9_000, 300],
    [3_500, 40],
  ],
};

/** Sideways distance from the straight line over the way along it; zero at both ends. */
function bends(between: (from: number, to: number) => number, lengthM: number, { waves }: Bends) {
  const sines = waves.map(([wavelengthM, swingM]) => ({
    // Whole half waves are zero at both ends.
    halfWaves: Math.max(1, Math.round((2 * lengthM) / wavelengthM)),
    swingM: swingM * between(0.5, 1) * (between(0, 1) < 0.5 ? -1 : 1),
  }));
  return (part: number) =>
    sines.reduce((sum, { halfWaves, swingM }) => sum + swingM * Math.sin(Math.PI * halfWaves * part), 0);
}

function offset(start: PlanePoint, end: PlanePoint, part: number, sidewaysM: number): PlanePoint {
  const dx = end.x - start.x;
  const dy = end.y - start.y;
  const lengthM = Math.hypot(dx, dy);
  return {
    x: start.x + part * dx - (sidewaysM * dy) / lengthM,
    y: start.y + part * dy + (sidewaysM * dx) / lengthM,
  };
}

function isTown(place: PlaceId, fromMiddleM: number): boolean {
  return blocksOf(place) > 0 && fromMiddleM < townM;
}

/** One light on the way into each town. */
function addTownLights(waypoints: Waypoint[], a: PlaceId, b: PlaceId): void {
  const steps = Math.round(400 / pointM);
  for (const [place, point] of [
    [a, waypoints[steps]],
    [b, waypoints.at(-1 - steps)],
  ] as const) {
    if (blocksOf(place) > 0 && point) point.light = lightAt(`${a}-${b}/${place}`, 0);
  }
}
