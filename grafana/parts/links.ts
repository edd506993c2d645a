import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';

/** Names that bookmarks and links stand on: they never change. */
export const uids = {
  now: 'fleet-now',
  vehicle: 'fleet-vehicle',
  trips: 'fleet-trips',
  trip: 'fleet-trip',
  utilisation: 'fleet-utilisation',
  driving: 'fleet-driving',
  longRange: 'fleet-long-range',
  pipeline: 'fleet-pipeline',
  functions: 'fleet-functions',
} as const;

/** All dashboards of this project have it, and nothing else should. */
export const tag = 'fleet-telemetry';

const ofRow = (name: string) => `\${__data.fields.${name}}`;
const sameSource = `\${${'datasource:queryparam'}}`;
const rowRange = `from=${ofRow('fromMs')}&to=${ofRow('toMs')}`;

/** Links from a row of a table; the row has `vehicle`, and for a trip `fromMs` and `toMs`, as texts. */
export const rowLinks = {
  vehicle: {
    title: 'Open the vehicle',
    url: `/d/${uids.vehicle}?${sameSource}&var-vehicle=${ofRow('vehicle')}&from=now-24h&to=now`,
  },
  trip: {
    title: 'Open the trip',
    url: `/d/${uids.trip}?${sameSource}&var-vehicle=${ofRow('vehicle')}&${rowRange}`,
  },
} as const;
export type RowLink = keyof typeof rowLinks;

/** The list of all dashboards, at the top of each. */
export const boardList = (): DashboardLinkBuilder =>
  new DashboardLinkBuilder('Dashboards')
    .type(DashboardLinkType.Dashboards)
    .tags([tag])
    .asDropdown(true)
    .includeVars(true);
