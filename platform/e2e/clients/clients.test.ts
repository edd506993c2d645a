import { expect, test, vi } from 'vitest';
import { functionNames } from '../../host/config.ts';
import { loadManifests } from '../../local/manifests.ts';
import { eventually, root } from '../program.ts';
import { startServer } from '../server.ts';
import { anEditedLaptop } from './edited-laptop.ts';
import { aShell, need, readTable } from './tool.ts';

/** The real kn and kubectl against what `npm start` runs, and against manifests with faults in them. */

/** Each command is a process of its own, and the machine may be busy. */
vi.setConfig({ testTimeout: 180_000 });

const manifests = await loadManifests(root, functionNames);
const namesOf = (documents: { metadata: { name: string } }[]) => documents.map(({ metadata }) => metadata.name).sort();
const triggers = namesOf(manifests.triggers);
const services = namesOf(manifests.services);
const pings = namesOf(manifests.pingSources);
const listed = ['NAME', 'AGE', 'CONDITIONS', 'READY', 'REASON'];

test('kn lists what runs, with the columns and Ready states of a cluster', async (context) => {
  need('kn', context);
  const server = await startServer();
  const shell = await aShell(server.dataDir);
  const list = async (...what: string[]) => {
    const { stdout, error } = await shell.run('kn', ...what, 'list');
    expect(error, what.join(' ')).toBeUndefined();
    const table = readTable(stdout);
    const { READY, CONDITIONS } = { READY: undefined, CONDITIONS: '1 OK / 1', ...table.rows[0] };
    for (const row of table.rows) expect([row.NAME, row.READY]).toEqual([row.NAME, READY && 'True']);
    return { ...table, names: table.rows.map(({ NAME }) => NAME), CONDITIONS };
  };

  const brokers = await list('broker');
  expect(brokers.header).toEqual(['NAME', 'URL', ...listed.slice(1)]);
  expect(brokers.rows).toMatchObject([
    { NAME: 'default', URL: `${server.internalUrl}/fleet/default`, CONDITIONS: '7 OK / 7' },
  ]);

  const listedTriggers = await list('trigger');
  expect(listedTriggers.header).toEqual(['NAME', 'BROKER', 'SINK', ...listed.slice(1)]);
  expect(listedTriggers.names).toEqual(triggers);
  const enrich = { NAME: 'enrich', BROKER: 'default', SINK: 'ksvc:enrich', CONDITIONS: '7 OK / 7', REASON: '' };
  expect(listedTriggers.rows).toContainEqual(expect.objectContaining(enrich));

  const sources = await list('source', 'ping');
  expect(sources.header).toEqual(['NAME', 'SCHEDULE', 'SINK', ...listed.slice(1)]);
  expect(sources.names).toEqual(pings);
  expect(sources.rows[0]).toMatchObject({ SCHEDULE: '*/5 * * * *', SINK: 'Broker:default', CONDITIONS: '4 OK / 4' });

  const allSources = await list('source');
  expect(allSources.header).toEqual(['NAME', 'TYPE', 'RESOURCE', 'SINK', 'READY']);
  expect(allSources.names).toEqual(pings);
  expect(allSources.rows[0]).toMatchObject({ TYPE: 'PingSource', RESOURCE: 'pingsources.sources.knative.dev' });

  const listedServices = await list('service');
  expect(listedServices.header).toEqual(['NAME', 'URL', 'LATEST', ...listed.slice(1)]);
  expect(listedServices.names).toEqual(services);
  expect(listedServices.rows).toContainEqual(
    expect.objectContaining({
      NAME: 'query',
      URL: server.url.replace('127.0.0.1', 'localhost'),
      LATEST: 'query-00001',
    }),
  );

  const revisions = await list('revision');
  expect(revisions.header).toEqual(['NAME', 'SERVICE', 'TRAFFIC', 'TAGS', 'GENERATION', ...listed.slice(1)]);
  // Asleep, it is ready all the same; that it gets no traffic is for information.
  expect(revisions.rows).toContainEqual(
    expect.objectContaining({ SERVICE: 'enrich', TRAFFIC: '100%', GENERATION: '1', CONDITIONS: '3 OK / 4' }),
  );
  expect((await list('route')).names).toEqual(services);
  expect((await list('eventtype')).rows).toHaveLength(pings.length);
  expect((await shell.run('kn', 'source', 'list-types')).stdout).toContain('pingsources.sources.knative.dev');
});

test('kn describes each of them', async (context) => {
  need('kn', context);
  const server = await startServer();
  const shell = await aShell(server.dataDir);
  const describes = async (...what: string[]) => {
    const { stdout, error } = await shell.run('kn', ...what);
    expect(error, what.join(' ')).toBeUndefined();
    expect(stdout, what.join(' ')).toMatch(/\+\+ Ready\s+\d+s/);
    return stdout;
  };
  expect(await describes('broker', 'describe', 'default')).toContain(`${server.internalUrl}/fleet/default`);
  expect(await describes('trigger', 'describe', 'enrich', '-v')).toMatch(
    /Filter:\s+type:\s+fleet\.telemetry\.accepted\s+Sink:\s+Name:\s+enrich\s+Resource:\s+Service \(serving/,
  );
  expect(await describes('source', 'ping', 'describe', 'sweep')).toMatch(/CloudEvent Overrides:\s+fleetjob:\s+sweep/);
  expect(await describes('service', 'describe', 'enrich')).toMatch(
    /100%\s+@latest \(enrich-00001\)[\s\S]*Replicas:\s+0\/0/,
  );
  expect(await describes('service', 'describe', 'query', '-v')).toMatch(/Replicas:\s+1\/1/);
  expect(await describes('revision', 'describe', 'trip-segment-00001', '-v')).toMatch(/Scale:\s+0 \.\.\. 1/);
  expect(await describes('route', 'describe', 'ingest')).toMatch(/100%\s+@latest \(ingest-00001\)/);
  const [type = ''] = (await shell.run('kn', 'eventtype', 'list', '-o', 'name')).stdout.split('\n');
  expect(await describes('eventtype', 'describe', type.replace(/^.*\//, ''))).toContain(
    '/apis/v1/namespaces/fleet/pingsources/',
  );
  const refused = await shell.run('kn', 'trigger', 'delete', 'enrich');
  expect(refused.error).toContain('read-only');
  expect((await shell.run('kn', 'trigger', 'describe', 'nobody')).error).toContain('"nobody" not found');
});

test('kubectl gets, describes and waits for them, and is refused what would change them', async (context) => {
  need('kubectl', context);
  const server = await startServer();
  const shell = await aShell(server.dataDir);
  const kubectl = async (...args: string[]) => {
    const { stdout, error } = await shell.run('kubectl', ...args);
    expect(error, args.join(' ')).toBeUndefined();
    return stdout;
  };
  const tables = (await kubectl('get', 'triggers,brokers,pingsources,ksvc', '-n', 'fleet'))
    .split('\n\n')
    .map(readTable);
  expect(tables.map(({ header }) => header)).toEqual([
    ['NAME', 'BROKER', 'SUBSCRIBER_URI', 'AGE', 'READY', 'REASON'],
    ['NAME', 'URL', 'AGE', 'READY', 'REASON'],
    ['NAME', 'SINK', 'SCHEDULE', 'AGE', 'READY', 'REASON'],
    ['NAME', 'URL', 'LATESTCREATED', 'LATESTREADY', 'READY', 'REASON'],
  ]);
  expect(tables.map(({ rows }) => rows.length)).toEqual([triggers.length, 1, pings.length, services.length]);
  for (const row of tables.flatMap(({ rows }) => rows)) expect([row.NAME, row.READY]).toEqual([row.NAME, 'True']);

  expect(await kubectl('describe', 'trigger', 'enrich')).toMatch(
    /Subscriber Uri:\s+http:\/\/enrich\.fleet\.svc\.cluster\.local/,
  );
  expect(await kubectl('get', 'trigger', 'enrich', '-o', 'yaml')).toContain('type: fleet.telemetry.accepted');
  expect(await kubectl('get', 'broker', 'default', '-o', 'jsonpath={.status.address.url}')).toBe(
    `${server.internalUrl}/fleet/default`,
  );
  expect(await kubectl('get', 'triggers', '-l', 'eventing.knative.dev/broker=default', '-o', 'name')).toContain(
    '/enrich\n',
  );
  expect(await kubectl('wait', '--for=condition=Ready', 'trigger', '--all', '--timeout=5s')).toContain(
    'enrich condition met',
  );
  expect(await kubectl('api-resources', '--categories=eventing', '-o', 'name')).toContain(
    'triggers.eventing.knative.dev',
  );
  expect(await kubectl('explain', 'trigger')).toContain('GROUP:      eventing.knative.dev');
  expect(await kubectl('get', 'events')).toBe('');
  for (const args of [
    ['delete', 'trigger', 'enrich'],
    ['apply', '-f', 'eventing/trigger-enrich.yaml'],
    ['scale', '--replicas=2', 'ksvc/enrich'],
  ]) {
    expect((await shell.run('kubectl', ...args)).error, args.join(' ')).toMatch(/read-only/);
  }
});

test('what names something missing is not ready, and says so; an edit makes it ready while kubectl watches', async (context) => {
  need('kn', context);
  need('kubectl', context);
  const laptop = await anEditedLaptop();
  await laptop.edit('eventing/trigger-enrich.yaml', (text) =>
    text.replace('name: enrich\n  namespace', 'name: lost\n  namespace').replace('broker: default', 'broker: nowhere'),
  );
  await laptop.edit('eventing/trigger-trip-segment.yaml', (text) =>
    text.replace('kind: Service\n      name: trip-segment', 'kind: Service\n      name: nobody'),
  );
  await laptop.start();
  const shell = await aShell(laptop.dataDir);
  const row = async (name: string) =>
    readTable((await shell.run('kn', 'trigger', 'list')).stdout).rows.find(({ NAME }) => NAME === name);
  expect(await row('lost')).toMatchObject({
    BROKER: 'nowhere',
    READY: 'False',
    REASON: 'BrokerDoesNotExist : Broker "nowhere" does not exist',
  });
  expect(await row('trip-segment')).toMatchObject({
    SINK: 'ksvc:nobody',
    READY: 'False',
    REASON: expect.stringMatching(/^Unable to get the Subscriber's URI : failed to get object fleet\/nobody/),
  });
  expect(await row('trip-segment-sweep')).toMatchObject({ READY: 'True' });
  expect((await shell.run('kn', 'trigger', 'describe', 'trip-segment', '-v')).stdout).toContain(
    'failed to get object fleet/nobody: services.serving.knative.dev "nobody" not found',
  );

  const watched = shell.follow('kubectl', 'get', 'triggers', 'lost', '--watch');
  await eventually('the first line of the watch', async () => /lost .*False/.test(watched()) || undefined);
  await laptop.edit('eventing/trigger-enrich.yaml', (text) => text.replace('broker: nowhere', 'broker: default'));
  await eventually('the change in the watch', async () => /lost .*True/.test(watched()) || undefined, {
    explain: watched,
  });
  expect(await row('lost')).toMatchObject({ BROKER: 'default', READY: 'True', REASON: '' });
  const describe = await shell.run('kubectl', 'get', 'trigger', 'lost', '-o', 'jsonpath={.metadata.generation}');
  expect(describe.stdout).toBe('2');

  await laptop.edit('eventing/trigger-enrich.yaml', (text) => text.replace('broker: default', 'brokre: default'));
  await eventually('the refusal', async () => /fleet_manifests_refused 1/.test(await laptop.metrics()) || undefined);
  expect(await row('lost')).toMatchObject({ BROKER: 'default', READY: 'True' });
  expect(await laptop.metrics()).toMatch(/fleet_manifest_reloads_total\{outcome="applied"\} 1/);
});
