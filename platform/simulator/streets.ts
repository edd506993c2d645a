import { courseDeg, type PlanePoint, planeM, turnDeg } from './geo.ts';
import { lightAt } from './lights.ts';
import { blocksOf, type PlaceId, placePoint } from './places.ts';
import { type Random, randomFor } from './random.ts';
import type { Waypoint } from './road.ts';

/** A crossing of a town's bent grid of streets: blocks east and north of the middle before the grid is turned. */
export interface Crossing {
  i: number;
  j: number;
}

/** Length of a block, m. */
const blockM = 170;
/** Every third street is a main street with 50 km/h. */
const mainEvery = 3;

/**
 * The way along the streets through these neighbouring crossings; the speed limit of a point is that of what follows.
 */
export function streetWaypoints(town: PlaceId, crossings: readonly Crossing[]): Waypoint[] {
  return crossings.map((crossing, index) => {
    const next = crossings[index + 1] ?? crossing;
    const axis = next.j === crossing.j ? 0 : 1;
    const main = isMain(axis === 0 ? crossing.j : crossing.i);
    const point = crossingPoint(town, crossing);
    return {
      ...point,
      limitKmh: main ? 50 : 30,
      tunnel: false,
      ...(hasLight(town, crossing) && { light: lightAt(`${town}/${crossing.i}/${crossing.j}`, axis) }),
    };
  });
}

/** Crossings from a depot to the middle of the town, along stairs. */
export function wayToMiddle(depot: Crossing): Crossing[] {
  const way = [depot];
  let { i, j } = depot;
  while (i !== 0 || j !== 0) {
    if (Math.abs(i) >= Math.abs(j)) i -= Math.sign(i);
    else j -= Math.sign(j);
    way.push({ i, j });
  }
  return way;
}

/**
 * A wandering way from the middle of a town, mostly straight on, for about so many seconds of driving. It begins with
 * the street that turns least for who comes from `before`.
 */
export function wander(town: PlaceId, before: PlanePoint, random: Random, durationS: number): Crossing[] {
  const edge = blocksOf(town);
  let at: Crossing = { i: 0, j: 0 };
  let [di, dj] = leastTurn(town, before);
  const way = [at];
  for (let leftS = durationS; leftS > 0; ) {
    const straight: [number, number] = [di, dj];
    const left: [number, number] = [-dj, di];
    const right: [number, number] = [dj, -di];
    const wishes = random.chance(0.6) ? [straight, left, right] : random.shuffle([left, right, straight]);
    const inside = wishes.find(([x, y]) => Math.abs(at.i + x) <= edge && Math.abs(at.j + y) <= edge);
    [di, dj] = inside ?? straight;
    const next = { i: at.i + di, j: at.j + dj };
    const main = isMain(dj === 0 ? next.j : next.i);
    // Measured on finished drives: blocks take this long with turns and red lights in them.
    leftS -= planeM(crossingPoint(town, at), crossingPoint(town, next)) / (main ? 8.5 : 7);
    at = next;
    way.push(at);
  }
  return way;
}

const directions = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
] as const;

function leastTurn(town: PlaceId, before: PlanePoint): readonly [number, number] {
  const middle = placePoint(town);
  const arrivalDeg = courseDeg(before, middle);
  const turnOf = ([i, j]: readonly [number, number]) =>
    Math.abs(turnDeg(arrivalDeg, courseDeg(middle, crossingPoint(town, { i, j }))));
  return directions.reduce((best, direction) => (turnOf(direction) < turnOf(best) ? direction : best));
}

function crossingPoint(town: PlaceId, { i, j }: Crossing): PlanePoint {
  const middle = placePoint(town);
  // The middle is where the links from other places end: it stays where the map has it.
  if (i === 0 && j === 0) return middle;
  const angle = randomFor('grid', town).between(0, Math.PI / 2);
  const bend = randomFor('crossing', town, i, j);
  const x = i * blockM + bend.between(-25, 25);
  const y = j * blockM + bend.between(-25, 25);
  return {
    x: middle.x + x * Math.cos(angle) - y * Math.sin(angle),
    y: middle.y + x * Math.sin(angle) + y * Math.cos(angle),
  };
}

/** Where two main streets cross, and at some of the smaller crossings along them. */
function hasLight(town: PlaceId, { i, j }: Crossing): boolean {
  if (isMain(i) && isMain(j)) return true;
  return (isMain(i) || isMain(j)) && randomFor('lit', town, i, j).chance(0.3);
}

function isMain(index: number): boolean {
  return index % mainEvery === 0;
}
