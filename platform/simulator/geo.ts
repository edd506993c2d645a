/** A point on the map plane: metres east and north of {@link origin}. */
export interface PlanePoint {
  x: number;
  y: number;
}

/** A point on the globe, WGS 84 degrees. */
export interface GlobePoint {
  latitude: number;
  longitude: number;
}

/** Mean radius of the Earth, m (IUGG). */
const earthRadiusM = 6_371_008.8;
const radians = Math.PI / 180;

/** Between Bremen and the Lüneburg Heath: the region that is small enough for a plane map. */
const origin: GlobePoint = { latitude: 53.1, longitude: 9.2 };
const metresPerDegree = earthRadiusM * radians;
const metresPerDegreeEast = metresPerDegree * Math.cos(origin.latitude * radians);

export function toPlane({ latitude, longitude }: GlobePoint): PlanePoint {
  return {
    x: (longitude - origin.longitude) * metresPerDegreeEast,
    y: (latitude - origin.latitude) * metresPerDegree,
  };
}

export function toGlobe({ x, y }: PlanePoint): GlobePoint {
  return { latitude: origin.latitude + y / metresPerDegree, longitude: origin.longitude + x / metresPerDegreeEast };
}

/** Great-circle distance, m. */
export function haversineM(a: GlobePoint, b: GlobePoint): number {
  const sinLat = Math.sin(((b.latitude - a.latitude) * radians) / 2);
  const sinLon = Math.sin(((b.longitude - a.longitude) * radians) / 2);
  const h = sinLat ** 2 + Math.cos(a.latitude * radians) * Math.cos(b.latitude * radians) * sinLon ** 2;
  return 2 * earthRadiusM * Math.asin(Math.sqrt(h));
}

export function planeM(a: PlanePoint, b: PlanePoint): number {
  return Math.hypot(b.x - a.x, b.y - a.y);
}

/** Course from a to b, clockwise from north, degrees in [0, 360). */
export function courseDeg(a: PlanePoint, b: PlanePoint): number {
  return (Math.atan2(b.x - a.x, b.y - a.y) / radians + 360) % 360;
}

/** Change of course, degrees in [-180, 180). */
export function turnDeg(from: number, to: number): number {
  return ((to - from + 540) % 360) - 180;
}

/** Height of the gentle hills above mean sea level, m; grades stay below 2 %. */
export function altitudeM({ x, y }: PlanePoint): number {
  return 35 + 18 * Math.sin(x / 4_100) + 12 * Math.sin(y / 2_900 + 1) + 5 * Math.sin((x + y) / 1_300);
}
