import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { problems, problemType } from '../../functions/lib/problem.ts';
import { openSqliteStore } from '../../functions/lib/store/sqlite.ts';
import { storeFile } from '../host/data-folder.ts';
import { type Case, readCases, requestOf, type Tokens } from './corpus.ts';
import { exchange } from './raw-http.ts';
import { type Hosting, Server } from './server.ts';

/** Every case of fixtures/invalid and fixtures/valid, over a real socket, as each hosting answers it. */
describe.each<Hosting>(['laptop', 'function'])('POST /ingest on the %s', (hosting) => {
  let server: Server;
  let tokens: Tokens;

  beforeAll(async () => {
    server = await Server.prepare();
    tokens = {
      'car-1': await server.token(['car-1']),
      any: await server.token(['*']),
      reader: await server.token(['*'], ['read']),
      revoked: await server.token(['car-1']),
    };
    await server.revoke(tokens.revoked);
    await server.start({ hosting });
  });
  afterAll(() => server.dispose());

  /** Makes the samples of each case different ones. */
  let timeMs = Date.now() - 3_600_000;
  const replay = (one: Case) => {
    timeMs += 1_000;
    return exchange(server.url, requestOf(one, tokens, new URL(server.url).host, timeMs));
  };

  for (const [group, cases] of readCases('invalid')) {
    test.concurrent.each(cases)(`${group}: $name`, async (one) => {
      const answer = await replay(one);
      expect([answer.status, answer.body]).toEqual([
        one.status,
        expect.stringContaining(problemType(one.code ?? 'internal')),
      ]);
      expect(answer.headers).toMatchObject({ 'content-type': 'application/problem+json', ...one.answer });
      const problem = JSON.parse(answer.body);
      expect(problem).toMatchObject({ status: one.status, title: problems[one.code ?? 'internal'].title });
      expect(problem.detail).toContain(one.detail ?? '');
      if (one.errors) expect(problem.errors).toMatchObject(one.errors);
      for (const token of Object.values(tokens)) expect(answer.body).not.toContain(token);
    });
  }

  test('none of that was stored', async () => {
    expect(await storedSamples()).toEqual({});
  });

  for (const [group, cases] of readCases('valid')) {
    test.each(cases)(`${group}: $name`, async (one) => {
      const { status, headers, body } = await replay(one);
      expect([status, body]).toEqual([one.status, one.accepted === undefined ? '' : expect.any(String)]);
      expect(headers).toMatchObject(one.answer);
      if (one.accepted !== undefined) expect(JSON.parse(body)).toMatchObject({ accepted: one.accepted });
    });
  }

  test('all of that was stored', async () => {
    const sum = readCases('valid').reduce(
      (n, [, cases]) => n + cases.reduce((m, one) => m + (one.accepted ?? 0), 0),
      0,
    );
    expect(await storedSamples()).toEqual({ 'car-1': sum - 1, 'car-2': 1 });
  });

  /** Read from the file, for a function alone has nothing else to ask. */
  async function storedSamples(): Promise<Record<string, number>> {
    const store = await openSqliteStore({ path: storeFile(server.dataDir) });
    try {
      const counts: Record<string, number> = {};
      for (const { vehicle } of await store.listVehicles(10)) {
        for await (const page of store.readSamples(vehicle, 0, Date.now() + 86_400_000)) {
          counts[vehicle] = (counts[vehicle] ?? 0) + page.length;
        }
      }
      return counts;
    } finally {
      await store.close();
    }
  }
});
