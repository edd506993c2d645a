import type { FleetCommand, HttpAnswer } from '../lib/ports.ts';
import { securityHeaders } from '../lib/security-headers.ts';
import { demoPrefix } from '../lib/telemetry/demo.ts';
import type { Trip } from '../lib/trips/trip.ts';
import type { VehicleAnswer } from './answers.ts';
import { type Html, html } from './html.ts';
import { pagePolicy, style } from './page-style.ts';
import type { ApiRequest } from './request.ts';
import { readTrips } from './trips.ts';
import { currentSpeedKmh } from './vehicle-state.ts';
import { readVehicles } from './vehicles.ts';

/** Rows of the tables: a page to look at, not to search in. */
const maxVehicles = 100;
const maxTrips = 20;
const refreshS = 10;

/** The page at `/`: what there is, and what to do next. */
export async function showPage(request: ApiRequest): Promise<HttpAnswer> {
  const { view, nowMs, origin, ports } = request;
  const [vehicles, trips] = await Promise.all([
    readVehicles(request, maxVehicles),
    readTrips(ports, view, undefined, { limit: maxTrips }),
  ]);
  const hasDemo = vehicles.some(({ id }) => isDemo(id));
  const steps = nextSteps(origin, nowMs, ports.fleetCommand, hasDemo);
  return page(200, [vehicleTable(vehicles, nowMs), tripTable(trips), steps]);
}

/** The page for those who may not see it: a browser sends no token, so it says what does. */
export function showClosedPage(origin: string, detail: string): HttpAnswer {
  const answer = page(401, [
    html`<p>From elsewhere than the machine itself, ${detail}. Ask with a token that has the scope <code>read</code>:</p>
<pre>npx fleet token create --vehicle '*' --scope read
curl -H "Authorization: Bearer $TOKEN" ${origin}/api/vehicles</pre>`,
  ]);
  return {
    ...answer,
    headers: { ...answer.headers, 'www-authenticate': 'Bearer' },
  };
}

function page(status: number, sections: Html[]): HttpAnswer {
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${refreshS}">
<title>Fleet Telemetry</title>
<style>`;
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      ...securityHeaders,
      'content-security-policy': pagePolicy,
    },
    body: `${text}${style}</style>\n</head>\n${body(sections).text}\n</html>\n`,
  };
}

function body(sections: Html[]): Html {
  return html`<body>
<main>
<h1>Fleet Telemetry</h1>
${sections}
</main>
</body>`;
}

function vehicleTable(vehicles: VehicleAnswer[], nowMs: number): Html {
  if (vehicles.length === 0) return html`<h2>Vehicles</h2>\n<p>No vehicle has reported yet.</p>`;
  return html`<h2>Vehicles</h2>
<div class="wide" role="region" aria-label="Vehicles" tabindex="0"><table>
<caption>Latest values of ${vehicles.length === maxVehicles ? `the first ${maxVehicles} vehicles` : 'each vehicle'}; ${count(vehicles)}</caption>
<thead><tr><th scope="col">Vehicle</th><th scope="col">State</th><th scope="col">Last seen</th><th scope="col" class="number">Speed</th><th scope="col">Position</th></tr></thead>
<tbody>
${vehicles.map((vehicle) => vehicleRow(vehicle, nowMs))}</tbody>
</table></div>`;
}

function vehicleRow(vehicle: VehicleAnswer, nowMs: number): Html {
  const { id, state, lastSeenAt, position } = vehicle;
  const speedKmh = currentSpeedKmh(vehicle, nowMs);
  return html`<tr><th scope="row">${vehicleName(id)}</th><td><span class="mark ${state}">${state}</span></td><td>${
    lastSeenAt ? since(lastSeenAt, nowMs) : '–'
  }</td><td class="number">${speedKmh === undefined ? '–' : `${Math.round(speedKmh)} km/h`}</td><td>${
    position ? place(position, nowMs) : '–'
  }</td></tr>\n`;
}

function place({ latitude, longitude, at }: NonNullable<VehicleAnswer['position']>, nowMs: number): Html {
  return html`${latitude.toFixed(4)}, ${longitude.toFixed(4)} <small>${since(at, nowMs)}</small>`;
}

function since(time: string, nowMs: number): Html {
  return html`<time datetime="${time}">${ago(nowMs - Date.parse(time))}</time>`;
}

function tripTable(trips: Trip[]): Html {
  if (trips.length === 0) return html`<h2>Latest trips</h2>\n<p>No trips yet: one starts once a vehicle moves.</p>`;
  return html`<h2>Latest trips</h2>
<div class="wide" role="region" aria-label="Latest trips" tabindex="0"><table>
<caption>Times are UTC</caption>
<thead><tr><th scope="col">Vehicle</th><th scope="col">Started</th><th scope="col">Status</th><th scope="col" class="number">Duration</th><th scope="col" class="number">Distance</th><th scope="col" class="number">Average</th></tr></thead>
<tbody>
${trips.map(tripRow)}</tbody>
</table></div>`;
}

function tripRow(trip: Trip): Html {
  return html`<tr><th scope="row">${vehicleName(trip.vehicle)}</th><td><time datetime="${trip.startedAt}">${trip.startedAt
    .slice(0, 16)
    .replace(
      'T',
      ' ',
    )}</time></td><td>${trip.status}</td><td class="number">${Math.round(trip.durationS / 60)} min</td><td class="number">${trip.distanceKm.toFixed(1)} km</td><td class="number">${Math.round(trip.avgSpeedKmh)} km/h</td></tr>\n`;
}

function nextSteps(origin: string, nowMs: number, { onFolder, onServer }: FleetCommand, hasDemo: boolean): Html {
  const sample = JSON.stringify({
    vehicle: 'car-1',
    time: new Date(nowMs).toISOString(),
    speedKmh: 42,
  });
  return html`<h2>What to do next</h2>
<p>Create a token for a vehicle of your own, and send a sample with it:</p>
<pre>TOKEN=$(${onFolder} token create --vehicle car-1)
curl ${origin}/ingest -H "Authorization: Bearer $TOKEN" \\
  -H 'Content-Type: application/json' \\
  -d '${sample}'</pre>
<p>Then: <code>${onServer} vehicles</code>, <code>${onServer} trips</code>, <a href="/openapi.json">the API</a>.
${hasDemo ? html`<code>${onServer} demo clear</code> removes the demo vehicles.` : ''}</p>`;
}

function isDemo(id: string): boolean {
  return id.startsWith(demoPrefix);
}

function vehicleName(id: string): Html {
  return isDemo(id) ? html`${id} <span class="mark">demo</span>` : html`${id}`;
}

function count(vehicles: VehicleAnswer[]): string {
  const states = Map.groupBy(vehicles, ({ state }) => state);
  return [...states].map(([state, of]) => `${of.length} ${state}`).join(', ');
}

function ago(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min ago`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h ago` : `${Math.round(seconds / 86_400)} days ago`;
}
