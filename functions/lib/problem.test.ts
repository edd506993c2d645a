import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { problem, problemCodes, problems } from './problem.ts';

test.each(problemCodes)('%s is an RFC 9457 answer with a stable type', (code) => {
  const answer = problem(code, { detail: 'why', instance: '/ingest' });
  expect(answer.status).toBe(problems[code].status);
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(JSON.parse(answer.body as string)).toEqual({
    type: `urn:fleet-telemetry:problem:${code}`,
    title: problems[code].title,
    status: problems[code].status,
    detail: 'why',
    instance: '/ingest',
  });
});

test('what HTTP asks of a status is in the headers', () => {
  expect(problem('unauthorized', { detail: '' }).headers['www-authenticate']).toBe('Bearer');
  expect(problem('store-unavailable', { detail: '', headers: { 'retry-after': '7' } }).headers['retry-after']).toBe(
    '7',
  );
  expect(problem('shutting-down', { detail: '' }).headers.connection).toBe('close');
});

test('the list of errors is bounded', () => {
  const errors = Array.from({ length: 1_000 }, (_, index) => ({
    index,
    pointer: '/speedKmh',
    code: 'too-big',
    detail: '',
  }));
  expect(JSON.parse(problem('invalid-sample', { detail: '', errors }).body as string).errors).toHaveLength(100);
});

test('the documentation lists every code, with its status, title and whether to try again', () => {
  const text = readFileSync(new URL('../ingest/README.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `([a-z-]+)` \| (\d+) \| (later|) ?\| (.+) \|$/gm)];
  expect(rows.map(([, code, status, later, title]) => [code, Number(status), later === 'later', title])).toEqual(
    problemCodes.map((code) => [code, problems[code].status, problems[code].retryable, problems[code].title]),
  );
});
