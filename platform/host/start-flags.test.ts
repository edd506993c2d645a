import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import startFlags from './start-flags.json' with { type: 'json' };

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const [, ...imageFlags] = JSON.parse(/^CMD (.*)$/m.exec(read('platform/k3d/Containerfile'))?.[1] ?? '') as string[];
imageFlags.pop();

it('a function that is started alone has the flags that ingest has on a cluster: of the image, and of its manifest', () => {
  const { env } = parse(read('functions/ingest/service.yaml')).spec.template.spec.containers[0] as {
    env: { name: string; value: string }[];
  };
  const options = env.find(({ name }) => name === 'NODE_OPTIONS')?.value.split(' ') ?? [];
  expect([...imageFlags, ...options]).toEqual(startFlags.function);
});

it('the image is compiled with the flags that it is started with, and so is that of the tests on a cluster', () => {
  const flags = imageFlags.join(' ');
  expect(read('platform/k3d/image.sh')).toContain(`flags=(${flags})\n`);
  expect(read('.ci/cluster')).toContain(`node ${flags} platform/host/main.ts\n`);
});
