import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { trips } from './client.ts';
import { root } from './program.ts';
import { startServer } from './server.ts';
import { settled } from './settled.ts';

/** In a shell, in the checkout, as somebody does who has just cloned it. */
async function type(script: string, env: Record<string, string>): Promise<{ stdout: string; stderr: string }> {
  const { PATH, HOME } = process.env;
  return promisify(execFile)('sh', ['-ec', script], { cwd: root, env: { PATH, HOME, ...env } });
}

test('the examples of the help text work as they are printed', async () => {
  const server = await startServer();
  const { stdout } = await type('npx fleet --help', server.env);
  const examples = [...stdout.matchAll(/^ {2}\$ (.+)$/gm)].map(([, line]) => line);
  expect(examples).toHaveLength(3);
  const typed = await type(examples.join('\n'), server.env);
  expect(typed.stdout, typed.stderr).toMatch(/\d+ samples accepted/);
  await settled(server);
  expect(await trips(server, 'recorded-town')).toHaveLength(1);
});
