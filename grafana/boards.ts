import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { driving } from './boards/driving.ts';
import { fleetNow } from './boards/fleet-now.ts';
import { functions } from './boards/functions.ts';
import { longRangeBoard } from './boards/long-range.ts';
import { pipeline } from './boards/pipeline.ts';
import { tripDetail } from './boards/trip-detail.ts';
import { trips } from './boards/trips.ts';
import { utilisation } from './boards/utilisation.ts';
import { vehicle } from './boards/vehicle.ts';

/** The dashboards in the order in which people look at them, each under the name of its file. */
export const boards: Record<string, () => Dashboard> = {
  '1-fleet-now': fleetNow,
  '2-vehicle': vehicle,
  '3-trips': trips,
  '4-trip-detail': tripDetail,
  '5-utilisation': utilisation,
  '6-driving': driving,
  '7-long-range': longRangeBoard,
  '8-pipeline': pipeline,
  '9-functions': functions,
};

/** What stands in the file of a dashboard. */
export const boardJson = (dashboard: Dashboard): string => `${JSON.stringify(dashboard, null, 2)}\n`;
