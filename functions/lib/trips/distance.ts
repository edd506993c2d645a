import type { Position } from '../telemetry/position.ts';

/** Mean earth radius, m (IUGG R1). */
const earthRadiusM = 6_371_008.8;

/** Great-circle distance in metres, by the haversine formula; within 0.5 % of the ellipsoid. */
export function haversineM(a: Position, b: Position): number {
  const radians = Math.PI / 180;
  const latitudes = Math.sin(((b.latitude - a.latitude) * radians) / 2) ** 2;
  const longitudes = Math.sin(((b.longitude - a.longitude) * radians) / 2) ** 2;
  const h = latitudes + Math.cos(a.latitude * radians) * Math.cos(b.latitude * radians) * longitudes;
  return 2 * earthRadiusM * Math.asin(Math.sqrt(Math.min(1, h)));
}
