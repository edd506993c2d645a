import { afterAll, beforeAll, expect, test } from 'vitest';
import { html } from './html.ts';
import { drive, nowMs, openTestApi, type TestApi, trip } from './test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await openTestApi();
  await api.store.append(
    ['car-1', 'demo-1'].map((vehicle) => ({ vehicle, samples: drive(20) })),
    nowMs,
  );
  await api.store.writeTrips([trip('car-1', nowMs - 3_600_000)], [], await api.guard('car-1'));
});
afterAll(() => api.close());

test('the page shows vehicles, trips and what to do next, and labels the demo', async () => {
  const text = await api.text('/');
  expect(text).toMatch(/<th scope="row">car-1<\/th><td><span class="mark moving">moving/);
  expect(text).toMatch(/demo-1 <span class="mark">demo<\/span>/);
  expect(text).toMatch(/7\.5 km/);
  expect(text).toContain('TOKEN=$(FLEET_DATA=/elsewhere npx fleet token create --vehicle car-1)');
  expect(text).toContain('<code>FLEET_DATA=/elsewhere PORT=9100 npx fleet demo clear</code>');
  expect(text).toContain('curl http://localhost:8080/ingest');
  expect(text).toContain('<meta http-equiv="refresh" content="10">');
  expect(text).toContain('name="viewport"');
});

test('the page says where a vehicle was and when, and no speed of one that is silent', async () => {
  const endPosition = { latitude: 48.1374, longitude: 11.5755 };
  const other = await openTestApi();
  await other.store.append([{ vehicle: 'car-1', samples: drive(20, { lastAgoS: 1_200 }) }], nowMs);
  await other.store.writeTrips([trip('car-1', nowMs - 2_400_000, { endPosition })], [], await other.guard('car-1'));
  const text = await other.text('/');
  expect(text).toMatch(/<span class="mark offline">offline.*20 min ago.*<td class="number">–<\/td>/);
  expect(text).toMatch(/<td>48\.1374, 11\.5755 <small><time datetime="[^"]+">30 min ago<\/time><\/small><\/td>/);
  await other.close();
});

test('the page loads nothing and runs nothing', async () => {
  const { headers, body } = await api.call('/');
  expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
  expect(body).not.toMatch(/<script|src=|<link|@import|url\(/);
});

test('an empty fleet has a page as well', async () => {
  const empty = await openTestApi();
  const text = await empty.text('/');
  expect(text).toContain('No vehicle has reported yet');
  expect(text).not.toContain('demo clear');
  await empty.close();
});

test('what comes from outside is escaped', async () => {
  const evil = '<script>alert("1")</script>\'&';
  expect(html`<b title="${evil}">${evil}</b>`.text).toBe(
    `<b title="${'&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;&#39;&#38;'}">&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;&#39;&#38;</b>`,
  );
  const listTrips = async () => [trip(evil, nowMs, { status: evil as 'ended' })];
  const listVehicles = async () => [{ vehicle: evil, latest: null, position: null }];
  const store = { ...api.store, listTrips, listVehicles };
  expect(await api.text('/', { store, host: `a"${evil}` })).not.toMatch(/<script|alert\("|a"</);
});

test('elsewhere without a token it says how to ask, and shows no data', async () => {
  const { status, headers, body } = await api.call('/', { loopback: false });
  expect({ status, challenge: headers['www-authenticate'] }).toEqual({ status: 401, challenge: 'Bearer' });
  expect(body).toContain('npx fleet token create');
  expect(body).not.toContain('car-1');
});
