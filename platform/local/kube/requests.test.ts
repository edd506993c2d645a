import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { brokerYaml, serviceYaml, triggerYaml } from '../test-runtime.ts';
import { anApi } from './test-api.ts';

/** Requests as clients make them, beside those for objects: discovery, refusals, and whose they are. */

const eventing = '/apis/eventing.knative.dev/v1/namespaces/fleet';
const whole = [brokerYaml(), serviceYaml('a'), triggerYaml('t', 'a')];

describe('a request', () => {
  it('that would write is refused with 405 and the reason', async () => {
    const { ask, json } = await anApi(whole, { a() {} });
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const response = await ask(`${eventing}/triggers/t`, { method });
      expect([method, response.status]).toEqual([method, 405]);
      expect(await response.json()).toMatchObject({ kind: 'Status', reason: 'MethodNotAllowed', code: 405 });
    }
    expect((await json(`${eventing}/triggers/t`)).kind).toBe('Trigger');
  });

  it('for what is not there is a 404 that names it', async () => {
    const { json } = await anApi(whole, { a() {} });
    expect(await json(`${eventing}/triggers/x`)).toMatchObject({
      code: 404,
      message: 'triggers.eventing.knative.dev "x" not found',
      details: { name: 'x', group: 'eventing.knative.dev', kind: 'triggers' },
    });
    for (const path of [
      '/apis/nothing/v1',
      '/apis/eventing.knative.dev/v2/triggers',
      '/api/v1/pods',
      '/api/v1/namespaces/fleet/namespaces',
      '/openapi/v2',
    ]) {
      expect((await json(path)).code, path).toBe(404);
    }
  });

  it('discovers groups, versions and resources in both forms', async () => {
    const { ask, json } = await anApi(whole, { a() {} });
    const asked = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
    const all = await ask('/apis', { headers: { accept: asked } });
    expect(all.headers.get('content-type')).toContain('as=APIGroupDiscoveryList');
    const { items } = (await all.json()) as {
      items: { metadata: { name: string }; versions: { version: string }[] }[];
    };
    const { groups } = await json<{ groups: { name: string; versions: { version: string }[] }[] }>('/apis');
    expect(groups.map(({ name, versions }) => [name, versions.map(({ version }) => version)])).toEqual(
      items.map(({ metadata, versions }) => [metadata.name, versions.map(({ version }) => version)]),
    );
    expect(groups).toContainEqual(
      expect.objectContaining({
        name: 'sources.knative.dev',
        preferredVersion: { groupVersion: 'sources.knative.dev/v1', version: 'v1' },
      }),
    );
    const list = await json<{ resources: { name: string; kind: string; verbs: string[] }[] }>(
      '/apis/eventing.knative.dev/v1',
    );
    expect(list.resources).toContainEqual(
      expect.objectContaining({ name: 'triggers', kind: 'Trigger', verbs: ['get', 'list', 'watch'] }),
    );
    expect(await json('/version')).toMatchObject({ major: '1', minor: '34' });
    const { paths } = await json<{ paths: Record<string, { serverRelativeURL: string }> }>('/openapi/v3');
    for (const { serverRelativeURL } of Object.values(paths)) expect((await ask(serverRelativeURL)).status).toBe(200);
  });

  it('of another host name, or for somebody else, is refused, with no CORS header anywhere', async () => {
    const { port, ask } = await anApi(whole, { a() {} });
    const status = (headers: Record<string, string>, path = '/api') =>
      new Promise((resolve, reject) => {
        request({ port, host: '127.0.0.1', path, headers }, ({ statusCode }) => resolve(statusCode))
          .on('error', reject)
          .end();
      });
    expect(await status({ host: `localhost:${port}` })).toBe(200);
    expect(await status({ host: `evil.example:${port}` })).toBe(403);
    expect(await status({ host: `evil.example:${port}` }, '/fleet/default')).toBe(403);
    expect(await status({ host: `localhost:${port}`, 'x-forwarded-for': '1.2.3.4' })).toBe(403);
    const response = await ask('/api', { headers: { origin: 'http://evil.example' } });
    expect(response.headers.has('access-control-allow-origin')).toBe(false);
  });

  it('of two segments belongs to the ingress when it is a POST', async () => {
    const { ask } = await anApi([...whole, brokerYaml().replace('namespace: fleet', 'namespace: apis')], { a() {} });
    const headers = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 't' };
    expect((await ask('/apis/default', { method: 'POST', headers })).status).toBe(202);
    expect((await ask('/fleet/default')).status).toBe(405);
  });
});
