import type { Command } from 'commander';
import type { DeadLetterSummary } from '../../functions/query/answers.ts';
import { withAdminToken } from './admin.ts';
import { type ApiRequest, send, textOf } from './api.ts';
import { CliError } from './exit.ts';
import { ago, none } from './format.ts';
import { addExamples, addServerOptions, type ServerOptions } from './options.ts';
import { baseUrl } from './settings.ts';
import { type Column, formatTable } from './table.ts';
import type { World } from './world.ts';

/** So many are listed, and replayed by one `--all`: the API's bound. */
const most = '1000';

export function addDeadLettersCommand(program: Command, world: World): void {
  const letters = program
    .command('dead-letters')
    .description('list, inspect and replay events that could not be processed');

  addExamples(
    addServerOptions(letters.command('list').description('list dead letters, latest first'))
      .option('--json', "print the API's JSON")
      .option('--replayed', 'with those that were replayed')
      .action((options: ServerOptions & { json?: boolean; replayed?: boolean }) => list(world, options)),
    'fleet dead-letters list',
  );

  addExamples(
    addServerOptions(
      letters.command('show').description('print a dead letter with its event, as JSON').argument('<id>'),
    ).action((id: string, options: ServerOptions) => show(world, id, options)),
    'fleet dead-letters show 1f0c55d2a9b34e77',
  );

  addExamples(
    addServerOptions(letters.command('replay').description('publish the event of a dead letter again').argument('[id]'))
      .option('--all', 'every one that was not replayed yet')
      .action((id: string | undefined, options: ServerOptions & { all?: boolean }) => replay(world, id, options)),
    'fleet dead-letters replay 1f0c55d2a9b34e77',
    'fleet dead-letters replay --all',
  );
}

const columnsAt = (nowMs: number): Column<DeadLetterSummary>[] => [
  { title: 'ID', cell: ({ id }) => id },
  { title: 'LAST', cell: ({ lastAt }) => ago(lastAt, nowMs) },
  { title: 'TYPE', cell: ({ type }) => type },
  { title: 'VEHICLE', cell: ({ vehicle }) => vehicle ?? none },
  { title: 'DESTINATION', cell: ({ destination }) => destination },
  { title: 'CODE', right: true, cell: ({ code }) => String(code ?? none) },
  { title: 'COUNT', right: true, cell: ({ count }) => String(count) },
  { title: 'REASON', cell: ({ reason }) => reason.slice(0, 60) },
];

async function list(
  world: World,
  { json, replayed, ...server }: ServerOptions & { json?: boolean; replayed?: boolean },
): Promise<void> {
  const text = await call(world, server, {
    path: '/api/dead-letters',
    query: { limit: most, replayed: replayed ? 'true' : undefined },
  });
  if (json) return world.out(`${text}\n`);
  const { deadLetters } = JSON.parse(text) as { deadLetters: DeadLetterSummary[] };
  if (deadLetters.length === 0) return world.err('no dead letters\n');
  world.out(formatTable(columnsAt(world.now()), deadLetters, world));
}

async function show(world: World, id: string, server: ServerOptions): Promise<void> {
  const text = await call(world, server, { path: `/api/dead-letters/${encodeURIComponent(id)}` });
  world.out(`${JSON.stringify(JSON.parse(text), null, 2)}\n`);
}

async function replay(
  world: World,
  id: string | undefined,
  { all, ...server }: ServerOptions & { all?: boolean },
): Promise<void> {
  if ((id === undefined) === !all) throw new CliError('usage', 'name one dead letter, or give --all');
  const replayOne = async (one: string, token: string) =>
    textOf(
      await send(world, baseUrl(server.url, world), {
        method: 'POST',
        path: `/api/dead-letters/${encodeURIComponent(one)}/replay`,
        token,
      }),
    );
  await withAdminToken(world, server, async (token) => {
    const ids = id === undefined ? await listIds(world, server, token) : [id];
    for (const one of ids) await replayOne(one, token);
    world.err(`${ids.length} replayed\n`);
  });
}

async function listIds(world: World, server: ServerOptions, token: string): Promise<string[]> {
  const answer = await send(world, baseUrl(server.url, world), {
    path: '/api/dead-letters',
    query: { limit: most },
    token,
  });
  return (JSON.parse(textOf(answer)) as { deadLetters: DeadLetterSummary[] }).deadLetters.map(({ id }) => id);
}

/** An admin's request; answers the text. */
function call(world: World, server: ServerOptions, request: ApiRequest): Promise<string> {
  return withAdminToken(world, server, async (token) =>
    textOf(await send(world, baseUrl(server.url, world), { ...request, token })),
  );
}
