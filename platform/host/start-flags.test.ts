import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import startFlags from './start-flags.json' with { type: 'json' };

it('a function that is started alone has the heap that ingest has on a cluster', () => {
  const manifest = parse(readFileSync(new URL('../../functions/ingest/service.yaml', import.meta.url), 'utf8'));
  const { env } = manifest.spec.template.spec.containers[0] as { env: { name: string; value: string }[] };
  expect(env.find(({ name }) => name === 'NODE_OPTIONS')?.value.split(' ')).toEqual(startFlags.function);
});
