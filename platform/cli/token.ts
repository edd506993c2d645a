import type { Command } from 'commander';
import {
  createToken,
  finishRotation,
  rotateSecret,
  type Scope,
  scopes,
  type TokenRecord,
} from '../../functions/lib/auth/tokens.ts';
import { openTokens } from './admin.ts';
import { CliError } from './exit.ts';
import { instant, none } from './format.ts';
import { addExamples, durationOption, repeated } from './options.ts';
import { tokensPath } from './settings.ts';
import { type Column, formatTable } from './table.ts';
import type { World } from './world.ts';

/** `fleet token`: works on $FLEET_DATA/tokens.json, with the server up or down. */
export function addTokenCommand(program: Command, world: World): void {
  const token = program.command('token').description('create, list, rotate and revoke tokens');

  addExamples(
    token
      .command('create')
      .description('create a token and print it: it is shown once')
      .requiredOption('--vehicle <id>', "vehicle it is bound to; may be repeated; '*' is any vehicle", repeated)
      .option('--scope <scope>', `${scopes.join(', ')}; may be repeated (default: ingest)`, repeated)
      .option('--label <text>', 'what it is for')
      .option('--expires-in <duration>', 'refused after this, as in 30d', durationOption)
      .action((options: CreateOptions) => create(world, options)),
    'fleet token create --vehicle car-1',
    "fleet token create --vehicle '*' --scope read --label wallboard --expires-in 30d",
    'TOKEN=$(fleet token create --vehicle car-1 --vehicle car-2)',
  );

  addExamples(
    token
      .command('list')
      .description('list tokens, without their secrets')
      .option('--json', 'print JSON')
      .action((options: { json?: boolean }) => list(world, options)),
    'fleet token list',
  );

  addExamples(
    token
      .command('rotate')
      .description('give a token another secret and print it; the one before is good until --finish')
      .argument('<id>', 'id of the token: what stands before the dot')
      .option('--finish', 'refuse the older secret from now on')
      .action((id: string, options: { finish?: boolean }) => rotate(world, id, options)),
    'TOKEN=$(fleet token rotate 4f1c09ab77de)',
    'fleet token rotate 4f1c09ab77de --finish',
  );

  addExamples(
    token
      .command('revoke')
      .description('revoke a token: a running server refuses it within a second')
      .argument('<id>', 'id of the token: what stands before the dot')
      .action((id: string) => revoke(world, id)),
    'fleet token revoke 4f1c09ab77de',
  );
}

interface CreateOptions {
  vehicle: string[];
  scope?: string[];
  label?: string;
  expiresIn?: number;
}

async function create(world: World, { vehicle, scope = ['ingest'], label, expiresIn }: CreateOptions): Promise<void> {
  const unknown = scope.find((name) => !(scopes as readonly string[]).includes(name));
  if (unknown !== undefined) throw new CliError('usage', `--scope ${unknown}: must be one of ${scopes.join(', ')}`);
  const bad = vehicle.find((name) => !/^(\*|[A-Za-z0-9._:-]{1,64})$/.test(name));
  if (bad !== undefined) throw new CliError('usage', `--vehicle ${bad}: must be '*' or match [A-Za-z0-9._:-]{1,64}`);
  if (label !== undefined && (label === '' || label.length > 128)) {
    throw new CliError('usage', '--label: must have 1 to 128 characters');
  }
  const nowMs = world.now();
  const { token, record } = createToken({
    scopes: scope as Scope[],
    vehicles: vehicle,
    nowMs,
    label,
    expiresMs: expiresIn === undefined ? undefined : nowMs + expiresIn,
  });
  await openTokens(world).add(record);
  world.out(`${token}\n`);
  world.err(
    `token ${record.id} for ${record.vehicles.join(', ')} (${record.scopes.join(', ')}); only its hash is kept, in ${tokensPath(world)}\n`,
  );
}

const columns: Column<TokenRecord>[] = [
  { title: 'ID', cell: ({ id }) => id },
  { title: 'SCOPES', cell: ({ scopes: of }) => of.join(',') },
  { title: 'VEHICLES', cell: ({ vehicles }) => vehicles.join(',') },
  { title: 'LABEL', cell: ({ label }) => label ?? none },
  { title: 'CREATED', cell: ({ createdAt }) => instant(createdAt) },
  { title: 'SECRETS', cell: ({ hashes }) => String(hashes.length) },
  { title: 'EXPIRES', cell: ({ expiresAt }) => (expiresAt === undefined ? none : instant(expiresAt)) },
];

function list(world: World, { json }: { json?: boolean }): void {
  const records = openTokens(world).list();
  if (json) {
    // Hashes are of no use to a reader, and the fewer places have them the better.
    world.out(
      `${JSON.stringify({ tokens: records.map(({ hashes, ...record }) => ({ ...record, secrets: hashes.length })) })}\n`,
    );
  } else if (records.length === 0) {
    world.err('no tokens yet: fleet token create --vehicle car-1\n');
  } else {
    world.out(formatTable(columns, records, world));
  }
}

async function rotate(world: World, given: string, { finish }: { finish?: boolean }): Promise<void> {
  const id = idOf(given);
  let printed: string | undefined;
  const known = await openTokens(world).replace(id, (record) => {
    if (finish) return finishRotation(record);
    if (record.hashes.length > 1) {
      throw new CliError('data', `token ${id} has two secrets already: end with the older one by --finish`);
    }
    const rotated = rotateSecret(record);
    printed = rotated.token;
    return rotated.record;
  });
  if (!known) throw new CliError('data', `there is no token ${id}`);
  if (printed === undefined) return world.err(`token ${id}: only its newest secret is good now\n`);
  world.out(`${printed}\n`);
  world.err(`token ${id} has two secrets: once the new one is in use, fleet token rotate ${id} --finish\n`);
}

async function revoke(world: World, id: string): Promise<void> {
  const known = idOf(id);
  if (!(await openTokens(world).revoke(known))) throw new CliError('data', `there is no token ${known}`);
  world.err(`token ${known} revoked\n`);
}

/** A whole token pasted instead of its id shall work, and its secret not be repeated. */
function idOf(given: string): string {
  return given.split('.', 1)[0] ?? '';
}
