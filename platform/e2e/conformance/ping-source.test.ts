import { expect, test } from 'vitest';
import { aBroker, aPingSource, aTrigger, uniqueName } from './resources.ts';
import { aSubscriber } from './subscriber.ts';
import { namespace, openTarget } from './target.ts';

/** Sends what a PingSource of this spec sends first to a trigger on its broker. */
async function firstPing(spec: Record<string, unknown>) {
  const target = await openTarget();
  const [broker, source] = [uniqueName('broker'), uniqueName('ping')];
  const subscriber = await aSubscriber(target);
  await target.apply([
    aBroker(broker),
    aTrigger(uniqueName('trigger'), broker, subscriber.uri),
    aPingSource(source, broker, { schedule: '* * * * * *', ...spec }),
  ]);
  const [first] = await subscriber.atLeast(1);
  return { ...(first ?? expect.unreachable()), source };
}

test('a PingSource says who it is, and what it is told to say', async () => {
  const { headers, body, source } = await firstPing({
    ...{ timezone: 'Europe/Madrid', contentType: 'application/json', data: '{"job": "sweep"}' },
    ceOverrides: { extensions: { fleetjob: 'sweep' } },
  });
  expect(headers).toMatchObject({
    'ce-specversion': '1.0',
    'ce-type': 'dev.knative.sources.ping',
    'ce-source': `/apis/v1/namespaces/${namespace}/pingsources/${source}`,
    'ce-fleetjob': 'sweep',
    'content-type': 'application/json',
  });
  expect(JSON.parse(body.toString())).toEqual({ job: 'sweep' });
});

test('a PingSource sends the bytes of dataBase64', async () => {
  const { headers, body } = await firstPing({ contentType: 'application/octet-stream', dataBase64: 'AP8=' });
  expect(headers['content-type']).toBe('application/octet-stream');
  expect([...body]).toEqual([0, 255]);
});

test.each(['@every 5s', '61 * * * *', '* * * *', 'soon'])('the schedule %j is refused', async (schedule) => {
  const target = await openTarget();
  const broker = uniqueName('broker');
  const refused = target.apply([aBroker(broker), aPingSource(uniqueName('ping'), broker, { schedule })]);
  await expect(refused).rejects.toThrow();
});
