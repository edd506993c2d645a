import { altitudeM, courseDeg, haversineM, type PlanePoint, planeM, toGlobe, turnDeg } from './geo.ts';
import type { Light } from './lights.ts';

/** A point that a way goes through. Limit and tunnel are those of the stretch to the next point. */
export interface Waypoint extends PlanePoint {
  limitKmh: number;
  tunnel: boolean;
  light?: Light;
}

/** One point of a road; the last four describe the stretch to the next point. */
export interface RoadPoint {
  /** Way from the start of the road, m along the great circles between the points. */
  atM: number;
  latitude: number;
  longitude: number;
  altitudeM: number;
  headingDeg: number;
  limitKmh: number;
  tunnel: boolean;
  /** As fast as the bend here can be taken in comfort, m/s. */
  bendMps: number;
}

export interface Road {
  lengthM: number;
  points: readonly RoadPoint[];
  /** Crossings with lights, in order of the way. */
  lights: readonly { atM: number; light: Light }[];
}

/** Stretches are at most this long, so that hills and bends stay round, m. */
const stretchM = 25;
/** Corners are rounded with tangents up to this length, m. */
const cornerM = 14;
/** Turns sharper than this are rounded, degrees. */
const cornerDeg = 10;
/** Sideways acceleration that drivers find comfortable, m/s². */
const comfortMps2 = 2.2;
/** Even the tightest corner is not taken slower than this, m/s. */
const crawlMps = 2.5;

/** Builds the road through at least two points: corners rounded, stretches short, distances as the globe has them. */
export function buildRoad(waypoints: readonly Waypoint[]): Road {
  const way = densify(roundCorners(waypoints));
  const points: RoadPoint[] = [];
  const lights: { atM: number; light: Light }[] = [];
  let atM = 0;
  way.forEach((waypoint, index) => {
    const globe = toGlobe(waypoint);
    const previous = points.at(-1);
    if (previous) atM += haversineM(previous, globe);
    const before = way[index - 1];
    const next = way[index + 1];
    const headingDeg = next ? courseDeg(waypoint, next) : (previous?.headingDeg ?? 0);
    points.push({
      atM,
      ...globe,
      altitudeM: altitudeM(waypoint),
      headingDeg,
      limitKmh: waypoint.limitKmh,
      tunnel: waypoint.tunnel,
      bendMps: before && next ? bendMps(before, waypoint, next) : Infinity,
    });
    if (waypoint.light) lights.push({ atM, light: waypoint.light });
  });
  return { lengthM: atM, points, lights };
}

/** The same way in the other direction. */
export function reversed(waypoints: readonly Waypoint[]): Waypoint[] {
  return waypoints.toReversed().map((waypoint, index, back) => {
    // What follows a point now is what followed its neighbour before.
    const { limitKmh, tunnel } = back[index + 1] ?? waypoint;
    return { ...waypoint, limitKmh, tunnel };
  });
}

/** Index of the point that begins the stretch at this distance. */
export function stretchAt(road: Road, atM: number): number {
  let low = 0;
  let high = road.points.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((road.points[middle]?.atM ?? 0) <= atM) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Where a car is after this distance, and what the road is like there. */
export function roadAt(road: Road, atM: number): Omit<RoadPoint, 'bendMps'> & { grade: number } {
  const index = stretchAt(road, atM);
  const a = road.points[index];
  const b = road.points[index + 1];
  if (!a || !b) throw new RangeError('a road has at least two points');
  const lengthM = b.atM - a.atM;
  const part = lengthM > 0 ? Math.min(1, Math.max(0, (atM - a.atM) / lengthM)) : 0;
  return {
    atM,
    latitude: a.latitude + part * (b.latitude - a.latitude),
    longitude: a.longitude + part * (b.longitude - a.longitude),
    altitudeM: a.altitudeM + part * (b.altitudeM - a.altitudeM),
    headingDeg: a.headingDeg,
    limitKmh: a.limitKmh,
    tunnel: a.tunnel,
    grade: lengthM > 0 ? (b.altitudeM - a.altitudeM) / lengthM : 0,
  };
}

/** Replaces each sharp corner by a curve (quadratic Bézier) that leaves and meets the streets along their direction. */
function roundCorners(waypoints: readonly Waypoint[]): Waypoint[] {
  return waypoints.flatMap((corner, index) => {
    const before = waypoints[index - 1];
    const next = waypoints[index + 1];
    if (!before || !next) return [corner];
    const turn = Math.abs(turnDeg(courseDeg(before, corner), courseDeg(corner, next)));
    if (turn < cornerDeg) return [corner];
    const inM = planeM(before, corner);
    const outM = planeM(corner, next);
    const tangentM = Math.min(cornerM, 0.45 * inM, 0.45 * outM);
    const start = between(corner, before, tangentM / inM);
    const end = between(corner, next, tangentM / outM);
    const steps = Math.ceil(turn / 12);
    const { light, ...plain } = corner;
    return Array.from({ length: steps + 1 }, (_, step) => {
      const part = step / steps;
      const point = between(between(start, corner, part), between(corner, end, part), part);
      return { ...plain, ...point, ...(light && step === Math.ceil(steps / 2) && { light }) };
    });
  });
}

function densify(waypoints: readonly Waypoint[]): Waypoint[] {
  return waypoints.flatMap((waypoint, index) => {
    const next = waypoints[index + 1];
    if (!next) return [waypoint];
    const pieces = Math.max(1, Math.ceil(planeM(waypoint, next) / stretchM));
    const { light: _, ...plain } = waypoint;
    return Array.from({ length: pieces }, (_, piece) =>
      piece === 0 ? waypoint : { ...plain, ...between(waypoint, next, piece / pieces) },
    );
  });
}

function bendMps(before: PlanePoint, at: PlanePoint, next: PlanePoint): number {
  const turn = (Math.abs(turnDeg(courseDeg(before, at), courseDeg(at, next))) * Math.PI) / 180;
  if (turn === 0) return Infinity;
  const radiusM = (planeM(before, at) + planeM(at, next)) / 2 / turn;
  return Math.max(crawlMps, Math.sqrt(comfortMps2 * radiusM));
}

function between(a: PlanePoint, b: PlanePoint, part: number): PlanePoint {
  return { x: a.x + part * (b.x - a.x), y: a.y + part * (b.y - a.y) };
}
