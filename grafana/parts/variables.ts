import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { BucketName } from '../../functions/lib/store/influx/names.ts';
import { influx } from './flux.ts';
import { everyProcess, prometheus } from './promql.ts';

export const sourceVariable = (): DatasourceVariableBuilder =>
  new DatasourceVariableBuilder('datasource')
    .label('Data source')
    .description('An InfluxDB data source of the query language Flux')
    .type('influxdb')
    .current({ selected: true, text: 'Fleet (InfluxDB)', value: 'fleet-influxdb' });

/** Under a name of its own: links between the dashboards carry variables along. */
export const prometheusVariable = (): DatasourceVariableBuilder =>
  new DatasourceVariableBuilder('prometheus')
    .label('Prometheus')
    .description('A Prometheus that scrapes /metrics')
    .type('prometheus')
    .current({ selected: true, text: 'Fleet (Prometheus)', value: 'fleet-prometheus' });

/** One or several scrape jobs: a Prometheus may know more than one fleet. */
export const jobVariable = (): QueryVariableBuilder =>
  new QueryVariableBuilder('job')
    .label('Job')
    .description('Jobs of Prometheus that scrape the fleet')
    .datasource(prometheus)
    .query(`label_values(${everyProcess}, job)`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ selected: true, text: 'All', value: '$__all' });

/** Vehicles with data in a bucket, from the index alone. */
const vehicleIds = (bucket: BucketName, start: string) => `import "influxdata/influxdb/schema"

schema.tagValues(bucket: "${bucket}", tag: "vehicle", start: ${start})
  |> limit(n: 5000)`;

/** Of the last week: raw samples. */
export const recentVehicles = vehicleIds('telemetry_raw', '-7d');
/** All that 5-minute rows or trips know. */
export const tripVehicles = vehicleIds('fleet', '-10y');
export const everRolledUp = vehicleIds('telemetry_5m', '-730d');

/** One or several vehicles, or all of them. */
export const someVehicles = (query: string): QueryVariableBuilder =>
  vehicles(query).multi(true).includeAll(true).allValue('.*').current({ selected: true, text: 'All', value: '$__all' });

/** Exactly one vehicle. */
export const oneVehicle = (query: string): QueryVariableBuilder => vehicles(query).multi(false).includeAll(false);

const vehicles = (query: string) =>
  new QueryVariableBuilder('vehicle')
    .label('Vehicle')
    .description('Vehicles with data in InfluxDB')
    .datasource(influx)
    .query(query)
    .refresh(VariableRefresh.OnDashboardLoad)
    .sort(VariableSort.NaturalAsc);

/** Where days begin. */
export const zone = (): TextBoxVariableBuilder =>
  new TextBoxVariableBuilder('zone')
    .label('Days in')
    .description('Time zone whose midnight parts the days, as the time zone database names it: Europe/Berlin')
    .defaultValue('UTC');
