import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { alertMarks } from './alerts.ts';
import { chosen, influx, pipe, type Query, target } from './flux.ts';
import { trips } from './trips.ts';

/** Trips as coloured stretches, trouble codes and harsh events as marks, of the chosen vehicles. */
export const tripMarks = (vehicles = chosen): AnnotationQueryBuilder =>
  annotation('Trips', 'rgba(86, 166, 75, 0.6)', {
    flux: pipe(
      trips(['endMs', 'distanceKm'], { vehicles }),
      'sort(columns: ["_time"], desc: true)',
      'limit(n: 200)',
      `map(fn: (r) => ({
      time: r._time,
      timeEnd: int(v: r.endMs),
      title: r.vehicle,
      text: "Trip of " + string(v: float(v: int(v: r.distanceKm * 10.0)) / 10.0) + " km",
      tags: "trip",
    }))`,
    ),
    columns: ['time', 'timeEnd', 'title', 'text', 'tags'],
  });

export const codeMarks = (vehicles = chosen): AnnotationQueryBuilder =>
  annotation('Trouble codes', 'red', alertMarks('code', vehicles));

export const harshMarks = (vehicles = chosen): AnnotationQueryBuilder =>
  annotation('Harsh events', 'orange', alertMarks('harsh', vehicles));

const annotation = (name: string, colour: string, query: Query) =>
  new AnnotationQueryBuilder()
    .name(name)
    .datasource(influx)
    .enable(true)
    .iconColor(colour)
    .target(target(query, 'Anno'));
