import { type PlanePoint, toPlane } from './geo.ts';

/** The region: places where they are on the map, and made-up roads between them. */
const coordinates = {
  bremen: [53.0793, 8.8017],
  achim: [53.0134, 9.0316],
  ottersberg: [53.1064, 9.1437],
  sottrum: [53.1167, 9.2278],
  rotenburg: [53.1113, 9.4108],
  scheessel: [53.1713, 9.486],
  zeven: [53.296, 9.279],
  verden: [52.9234, 9.2349],
  visselhoevede: [52.9836, 9.5775],
  schneverdingen: [53.117, 9.7953],
  'bremer-kreuz': [53.0318, 8.9722],
  stuckenborstel: [53.1195, 9.1955],
  bockel: [53.2168, 9.4221],
} as const;

export type PlaceId = keyof typeof coordinates;

/** How far the streets of a town reach from its middle, in blocks; places that are not named are motorway junctions. */
const townBlocks: Partial<Record<PlaceId, number>> = {
  bremen: 14,
  achim: 6,
  ottersberg: 4,
  sottrum: 4,
  rotenburg: 7,
  scheessel: 4,
  zeven: 5,
  verden: 7,
  visselhoevede: 4,
  schneverdingen: 5,
};

export interface Link {
  a: PlaceId;
  b: PlaceId;
  kind: 'country' | 'motorway';
  /** Part of the link that runs in a tunnel, as fractions of its length from a. */
  tunnel?: readonly [number, number];
}

const links: readonly Link[] = [
  { a: 'bremen', b: 'bremer-kreuz', kind: 'country', tunnel: [0.4, 0.49] },
  { a: 'achim', b: 'bremer-kreuz', kind: 'country' },
  { a: 'bremer-kreuz', b: 'stuckenborstel', kind: 'motorway' },
  { a: 'stuckenborstel', b: 'bockel', kind: 'motorway', tunnel: [0.45, 0.53] },
  { a: 'stuckenborstel', b: 'sottrum', kind: 'country' },
  { a: 'stuckenborstel', b: 'ottersberg', kind: 'country' },
  { a: 'bockel', b: 'zeven', kind: 'country' },
  { a: 'bockel', b: 'scheessel', kind: 'country' },
  { a: 'achim', b: 'ottersberg', kind: 'country' },
  { a: 'achim', b: 'verden', kind: 'country' },
  { a: 'ottersberg', b: 'sottrum', kind: 'country' },
  { a: 'sottrum', b: 'rotenburg', kind: 'country', tunnel: [0.6, 0.68] },
  { a: 'rotenburg', b: 'scheessel', kind: 'country' },
  { a: 'rotenburg', b: 'zeven', kind: 'country' },
  { a: 'rotenburg', b: 'verden', kind: 'country' },
  { a: 'rotenburg', b: 'visselhoevede', kind: 'country' },
  { a: 'scheessel', b: 'schneverdingen', kind: 'country' },
];

export function placePoint(place: PlaceId): PlanePoint {
  const [latitude, longitude] = coordinates[place];
  return toPlane({ latitude, longitude });
}

/** Blocks from the middle to the edge of a town; 0 for a junction. */
export function blocksOf(place: PlaceId): number {
  return townBlocks[place] ?? 0;
}

/** The link between two neighbours, in whichever direction it is written. Throws RangeError if there is none. */
export function linkBetween(from: PlaceId, to: PlaceId): Link {
  const link = links.find(({ a, b }) => (a === from && b === to) || (a === to && b === from));
  if (!link) throw new RangeError(`no road between ${from} and ${to}`);
  return link;
}
