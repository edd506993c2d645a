import type { HttpAnswer } from '../lib/ports.ts';
import { vehiclesIn } from './access.ts';
import { alertAnswer } from './answers.ts';
import { parameters, rangeOf, readQuery } from './parameters.ts';
import type { ApiRequest } from './request.ts';
import { json } from './stream.ts';

/** Alerts of the range, latest first. */
export async function listAlerts({ query, view, nowMs, ports }: ApiRequest): Promise<HttpAnswer> {
  const { vehicle, limit, ...wanted } = readQuery(parameters.alerts, query);
  const filter = { ...rangeOf(wanted, nowMs), limit };
  const lists = await Promise.all(
    vehiclesIn(view, vehicle).map((name) =>
      ports.store.listAlerts(name === undefined ? filter : { ...filter, vehicle: name }),
    ),
  );
  const alerts = lists.flat().sort((a, b) => b.timeMs - a.timeMs);
  return json({ alerts: alerts.slice(0, limit).map(alertAnswer) });
}
