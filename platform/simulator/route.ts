import { linkWaypoints } from './links.ts';
import { type PlaceId, placePoint } from './places.ts';
import { randomFor } from './random.ts';
import { buildRoad, type Road, reversed, type Waypoint } from './road.ts';
import { streetWaypoints, wander, wayToMiddle } from './streets.ts';

export const routeKinds = ['town', 'country', 'motorway'] as const;
export type RouteKind = (typeof routeKinds)[number];

/**
 * Where cars of a kind are at home, and the places they go to; the last place of a tour is where they wander and
 * park.
 */
const tours: Record<RouteKind, readonly [Tour, ...Tour[]]> = {
  town: [['bremen']],
  country: [
    ['rotenburg', 'scheessel'],
    ['rotenburg', 'sottrum', 'ottersberg'],
    ['rotenburg', 'zeven'],
    ['rotenburg', 'verden'],
    ['rotenburg', 'visselhoevede'],
  ],
  motorway: [
    ['ottersberg', 'stuckenborstel', 'bockel', 'zeven'],
    ['ottersberg', 'stuckenborstel', 'bremer-kreuz', 'bremen'],
    ['ottersberg', 'stuckenborstel', 'bockel', 'scheessel'],
    ['ottersberg', 'stuckenborstel', 'bremer-kreuz', 'achim'],
  ],
};
type Tour = readonly [PlaceId, ...PlaceId[]];

/** What a car drives there and back. */
export interface Route {
  there: Road;
  back: Road;
}

/** Even a long tour ends somewhere among the streets of its last town, s. */
const shortestWanderS = 90;

/**
 * A route from the car's depot to some place and back. A route of a vehicle has a number, and is the same for ever.
 * @param durationS How long one way should take, seconds, about; short tours are filled up with streets at their end.
 */
export function makeRoute(options: {
  seed: number;
  vehicle: string;
  kind: RouteKind;
  number: number;
  durationS: number;
}): Route {
  const { seed, vehicle, kind, number, durationS } = options;
  const random = randomFor(seed, vehicle, 'route', number);
  const tour = tours[kind][number % tours[kind].length] ?? tours[kind][0];
  const [home] = tour;
  const destination = tour.at(-1) ?? home;

  const depot = randomFor(seed, vehicle, 'depot');
  const start = streetWaypoints(home, wayToMiddle({ i: depot.integer(2, 4), j: depot.integer(-4, -2) }));
  const links = tour.slice(1).flatMap((place, index) => linkWaypoints(tour[index] ?? home, place).slice(1));
  const leftS = durationS - secondsOf(start) - secondsOf(links);
  const before = links.at(-2) ?? start.at(-2) ?? placePoint(home);
  const end = streetWaypoints(destination, wander(destination, before, random, Math.max(shortestWanderS, leftS)));

  // Consecutive pieces share the middle of a town: the later one's point says what follows.
  const waypoints = [...start.slice(0, -1), ...joined(start.at(-1), links[0]), ...links.slice(0, -1), ...end];
  return { there: buildRoad(waypoints), back: buildRoad(reversed(waypoints)) };
}

/** The middle of the home town, with what holds on the link that begins there. */
function joined(middle: Waypoint | undefined, link: Waypoint | undefined): Waypoint[] {
  return middle && link ? [{ ...middle, limitKmh: link.limitKmh, tunnel: link.tunnel }] : [];
}

/** How long these waypoints take, roughly: nobody drives quite at the limit all the way. */
function secondsOf(waypoints: readonly Waypoint[]): number {
  return waypoints.reduce((sum, at, index) => {
    const next = waypoints[index + 1];
    return next ? sum + Math.hypot(next.x - at.x, next.y - at.y) / ((at.limitKmh / 3.6) * 0.88) : sum;
  }, 0);
}
