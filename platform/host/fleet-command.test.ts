import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { fleetCommand } from './fleet-command.ts';

test.each([
  ['the usual', { dataDir: resolve('data'), port: 8080 }, 'npx fleet', 'npx fleet'],
  ['another port', { dataDir: resolve('data'), port: 9100 }, 'npx fleet', 'PORT=9100 npx fleet'],
  ['another folder', { dataDir: '/srv/fleet', port: 8080 }, 'FLEET_DATA=/srv/fleet npx fleet', undefined],
  [
    'a folder of two words',
    { dataDir: "/srv/bob's cars", port: 8080 },
    "FLEET_DATA='/srv/bob'\\''s cars' npx fleet",
    undefined,
  ],
])('the fleet command is told of %s', (_, settings, onFolder, onServer = onFolder) => {
  expect(fleetCommand(settings)).toEqual({ onFolder, onServer });
});
