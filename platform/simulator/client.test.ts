import { describe, expect, test } from 'vitest';
import { type ClientOptions, createClient } from './client.ts';
import { createFakeClock } from './fake-clock.ts';

const startMs = Date.UTC(2026, 0, 1);
const never = new AbortController().signal;

/** A client whose server gives these answers, one after the other; an Error is a broken connection. */
function clientFor(answers: (Response | Error)[], options: Partial<ClientOptions> = {}) {
  const clock = createFakeClock(startMs);
  const requests: { url: string; init: RequestInit | undefined; waitedMs: number }[] = [];
  const answerNext = async (url: Parameters<typeof fetch>[0], init?: RequestInit) => {
    requests.push({ url: String(url), init, waitedMs: clock.now() - startMs });
    const answer = answers.shift();
    if (answer instanceof Response) return answer;
    throw answer ?? new Error('more requests than answers');
  };
  const client = createClient({
    url: 'http://host:1',
    token: 'secret',
    fetch: answerNext,
    clock,
    random: () => 0.5,
    ...options,
  });
  return { client, requests };
}

const answer = (status: number, headers: Record<string, string> = {}) => new Response('{}', { status, headers });

test('posts a batch of CloudEvents with its token to /ingest', async () => {
  const { client, requests } = clientFor([answer(202)]);
  expect(await client.send('[]', never)).toEqual({ kind: 'accepted' });
  expect(requests[0]?.url).toBe('http://host:1/ingest');
  expect(requests[0]?.init).toMatchObject({
    method: 'POST',
    body: '[]',
    headers: { authorization: 'Bearer secret', 'content-type': 'application/cloudevents-batch+json' },
  });
});

describe('what may pass is tried again', () => {
  test.each([429, 503, 500])('%i: with the same body, after a back-off that doubles', async (status) => {
    const { client, requests } = clientFor([answer(status), answer(status), answer(202)]);
    expect(await client.send('[1]', never)).toEqual({ kind: 'accepted' });
    expect(requests.map(({ waitedMs }) => waitedMs)).toEqual([0, 250, 750]);
    expect(new Set(requests.map(({ init }) => init?.body))).toEqual(new Set(['[1]']));
  });

  test('a broken connection too, and the wait is bounded', async () => {
    const { client, requests } = clientFor([...Array.from({ length: 12 }, () => new Error('refused')), answer(202)]);
    expect(await client.send('[]', never)).toEqual({ kind: 'accepted' });
    const waits = requests.slice(1).map(({ waitedMs }, index) => waitedMs - (requests[index]?.waitedMs ?? 0));
    expect(Math.max(...waits)).toBe(15_000);
  });

  test.each([
    ['7', 7_000],
    [new Date(startMs + 9_000).toUTCString(), 9_000],
    ['999999', 120_000],
    ['soon', 0],
  ])('Retry-After: %s is honoured within bounds', async (header, waitMs) => {
    const { client, requests } = clientFor([answer(503, { 'retry-after': header }), answer(202)]);
    await client.send('[]', never);
    expect(requests[1]?.waitedMs).toBe(waitMs + 250);
  });

  test('until the tries are used up, where they are limited', async () => {
    const { client } = clientFor([answer(503), new Error('refused')], { attempts: 2 });
    expect(await client.send('[]', never)).toEqual({ kind: 'gaveUp', reason: 'refused' });
  });
});

test.each([400, 401, 403, 413, 422])('%i is a refusal, and never sent again', async (status) => {
  const { client, requests } = clientFor([new Response('because', { status })]);
  expect(await client.send('[]', never)).toEqual({ kind: 'refused', status, detail: 'because' });
  expect(requests).toHaveLength(1);
});

test('an abort ends the waiting', async () => {
  const abort = new AbortController();
  const { client, requests } = clientFor([answer(503)], {
    clock: { now: () => startMs, after: () => () => undefined },
  });
  const sent = client.send('[]', abort.signal);
  setImmediate(() => abort.abort());
  expect(await sent).toEqual({ kind: 'aborted' });
  expect(requests).toHaveLength(1);
});
