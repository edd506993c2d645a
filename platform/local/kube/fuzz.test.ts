import fc from 'fast-check';
import { expect, it } from 'vitest';
import { brokerYaml, serviceYaml, triggerYaml } from '../test-runtime.ts';
import { anApi } from './test-api.ts';

const parts = [
  'api',
  'apis',
  'openapi',
  'v3',
  'v1',
  'eventing.knative.dev',
  'namespaces',
  'fleet',
  'triggers',
  't',
  'status',
  '%',
  '..',
  '',
];
const keys = ['watch', 'labelSelector', 'fieldSelector', 'resourceVersion', 'timeoutSeconds', 'limit', 'includeObject'];
const values = ['true', '0', '-1', 'x', 'a in (b', '!', 'metadata.name=t', '(,),', '%ff', 'Infinity'];
const accepts = [
  '*/*',
  'application/json',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'text/html',
  ';;',
  'application/yaml',
];

it('answers whatever is asked with what its kind of client understands, and never fails', async () => {
  const { ask } = await anApi([brokerYaml(), serviceYaml('a'), triggerYaml('t', 'a')], { a() {} });
  const path = fc.array(fc.constantFrom(...parts), { maxLength: 7 }).map((all) => `/${all.join('/')}`);
  const query = fc.array(fc.tuple(fc.constantFrom(...keys), fc.constantFrom(...values)), { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(path, query, fc.constantFrom(...accepts), async (where, what, accept) => {
      const search = what.map(([key, value]) => `${key}=${value}`).join('&');
      const leave = new AbortController();
      const response = await ask(`${where}?${search}`, { headers: { accept }, signal: leave.signal });
      leave.abort();
      expect([200, 400, 404, 405, 406, 429], `${where}?${search}`).toContain(response.status);
    }),
    { numRuns: 300 },
  );
});
