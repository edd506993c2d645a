import { describe, expect, test } from 'vitest';
import { haversineM, turnDeg } from './geo.ts';
import { roadAt } from './road.ts';
import { makeRoute, routeKinds } from './route.ts';

const routes = routeKinds.flatMap((kind) =>
  [0, 1, 2, 3, 4].map((number) => ({
    kind,
    number,
    route: makeRoute({ seed: 1, vehicle: 'test', kind, number, durationS: 1_500 }),
  })),
);

describe.each(routes)('$kind route $number', ({ route: { there, back } }) => {
  test('is as long as the way between its points, without jumps', () => {
    let lengthM = 0;
    there.points.slice(1).forEach((point, index) => {
      const stepM = haversineM(there.points[index] ?? point, point);
      expect(stepM).toBeLessThan(26);
      lengthM += stepM;
    });
    expect(lengthM).toBeCloseTo(there.lengthM, 6);
  });

  test('goes back the same way', () => {
    expect(back.lengthM).toBeCloseTo(there.lengthM, 3);
    for (const part of [0, 0.1, 0.37, 0.5, 0.8, 1]) {
      const a = roadAt(there, part * there.lengthM);
      const b = roadAt(back, (1 - part) * back.lengthM);
      expect(haversineM(a, b)).toBeLessThan(0.1);
      expect(a.altitudeM).toBeCloseTo(b.altitudeM, 2);
    }
  });

  test('lies in the region, with gentle grades, and its corners are round', () => {
    for (const { atM, latitude, longitude } of there.points) {
      expect(latitude).toBeGreaterThan(52.7);
      expect(latitude).toBeLessThan(53.5);
      expect(longitude).toBeGreaterThan(8.5);
      expect(longitude).toBeLessThan(10);
      expect(Math.abs(roadAt(there, atM).grade)).toBeLessThan(0.025);
    }
    there.points.slice(1).forEach((point, index) => {
      const turn = turnDeg(there.points[index]?.headingDeg ?? 0, point.headingDeg);
      expect(Math.abs(turn)).toBeLessThan(75);
    });
  });
});

test('kinds differ by their limits, and country and motorway have tunnels somewhere', () => {
  const limitOf = (kind: string) =>
    Math.max(...routes.filter((r) => r.kind === kind).flatMap((r) => r.route.there.points.map((p) => p.limitKmh)));
  expect(routeKinds.map(limitOf)).toEqual([50, 100, 130]);
  const withTunnel = routes.filter(({ route }) => route.there.points.some(({ tunnel }) => tunnel));
  expect(new Set(withTunnel.map(({ kind }) => kind))).toEqual(new Set(['country', 'motorway']));
});

test('two vehicles find the same roads between the same towns, from depots of their own', () => {
  const [a, b] = ['a', 'b'].map((vehicle) =>
    makeRoute({ seed: 1, vehicle, kind: 'country', number: 3, durationS: 1_500 }),
  );
  const key = ({ latitude, longitude }: { latitude: number; longitude: number }) =>
    `${latitude.toFixed(6)} ${longitude.toFixed(6)}`;
  const points = new Set(a?.there.points.map(key));
  const shared = b?.there.points.filter((point) => points.has(key(point))) ?? [];
  expect(shared.length).toBeGreaterThan(700);
  expect(key(a?.there.points[0] ?? { latitude: 0, longitude: 0 })).not.toBe(
    key(b?.there.points[0] ?? { latitude: 0, longitude: 0 }),
  );
});
