import { HttpError, InfluxDB } from '@influxdata/influxdb-client';
import {
  type Authorization,
  AuthorizationsAPI,
  type Bucket,
  BucketsAPI,
  OrgsAPI,
  type Permission,
  SetupAPI,
} from '@influxdata/influxdb-client-apis';
import { type Access, accessOf } from './access.ts';
import { type BucketName, bucketLives, bucketNames } from './names.ts';

export interface ProvisionOptions {
  url: string;
  org: string;
  /** An operator's or an all-access token; of a server that was never set up it becomes the operator's. */
  adminToken: string;
  /** Of the first user, asked for only where the server was never set up. */
  password?: string | undefined;
}

export interface Provisioned {
  /** Tokens by who uses them: the functions and Grafana. Those that were there are the same again. */
  tokens: Record<string, string>;
  /** What was made or changed, in words, in order; empty when everything was there. */
  done: string[];
}

/**
 * Sets up organisation, buckets with their retention and one least-privilege token per function. Done twice it changes
 * nothing. A bucket that keeps its points for a shorter time is made to keep them longer; one that keeps them
 * longer is refused, because what is older would be dropped.
 */
export async function provision(options: ProvisionOptions): Promise<Provisioned> {
  try {
    return await provisionAll(options);
  } catch (cause) {
    throw refusalOf(cause, options.url);
  }
}

/** The set-up did not come to its end; what is done stays, and doing it again goes on. */
export class ProvisionRefused extends Error {
  /** Waiting does not help. */
  readonly isFinal: boolean;
  constructor(message: string, isFinal: boolean, cause: unknown) {
    super(message, { cause });
    this.isFinal = isFinal;
  }
}

function refusalOf(cause: unknown, url: string): unknown {
  if (cause instanceof ProvisionRefused) return cause;
  if (cause instanceof HttpError) {
    const { statusCode, json, message } = cause;
    const hint = statusCode === 401 || statusCode === 403 ? " (INFLUX_TOKEN must be an operator's)" : '';
    return new ProvisionRefused(`${url} answered ${statusCode}: ${json?.message ?? message}${hint}`, true, cause);
  }
  const { code, message } = cause as NodeJS.ErrnoException;
  return new ProvisionRefused(`INFLUX_URL: ${url} cannot be reached: ${message || code}`, false, cause);
}

async function provisionAll({ url, org, adminToken, password }: ProvisionOptions): Promise<Provisioned> {
  const done: string[] = [];
  if (await setUp({ url, org, adminToken, password })) done.push(`set up ${url}`);
  const influx = new InfluxDB({ url, token: adminToken });
  const orgID = await ensureOrg(influx, org, done);
  const ids = new Map<BucketName, string>();
  for (const name of bucketNames) ids.set(name, await ensureBucket(influx, orgID, name, done));
  const tokens: Record<string, string> = {};
  for (const [user, access] of Object.entries(accessOf)) {
    tokens[user] = await ensureToken(influx, { orgID, user, permissions: permissionsOf(access, ids, orgID) }, done);
  }
  return { tokens, done };
}

/** Answers whether the server had never been set up. */
async function setUp({ url, org, adminToken, password }: ProvisionOptions): Promise<boolean> {
  const setup = new SetupAPI(new InfluxDB(url));
  if (!(await setup.getSetup()).allowed) return false;
  if (password === undefined) {
    throw new ProvisionRefused(`${url} was never set up: its first user needs INFLUX_PASSWORD`, true, undefined);
  }
  const [bucket] = bucketNames;
  // The first bucket comes with it.
  const retentionPeriodSeconds = (bucketLives[bucket].retentionMs ?? 0) / 1000;
  await setup.postSetup({
    body: { username: 'admin', password, org, bucket, token: adminToken, retentionPeriodSeconds },
  });
  return true;
}

async function ensureOrg(influx: InfluxDB, name: string, done: string[]): Promise<string> {
  const orgs = new OrgsAPI(influx);
  const there = await orgs.getOrgs({ limit: 100 });
  const known = there.orgs?.find((one) => one.name === name)?.id;
  if (known !== undefined) return known;
  const { id } = await orgs.postOrgs({ body: { name } });
  done.push(`organisation ${name}`);
  return id as string;
}

async function ensureBucket(influx: InfluxDB, orgID: string, name: BucketName, done: string[]): Promise<string> {
  const buckets = new BucketsAPI(influx);
  const { retentionMs, shardGroupMs } = bucketLives[name];
  const retentionRules = [
    {
      type: 'expire' as const,
      everySeconds: (retentionMs ?? 0) / 1000,
      shardGroupDurationSeconds: shardGroupMs / 1000,
    },
  ];
  // Asked for by name, one that is not there would be an error.
  const there = (await buckets.getBuckets({ orgID, limit: 100 })).buckets?.find((one) => one.name === name);
  if (!there) {
    const { id } = await buckets.postBuckets({ body: { orgID, name, retentionRules } });
    done.push(`bucket ${name}`);
    return id as string;
  }
  const fault = lifeFault(there);
  if (fault !== undefined) {
    const keptMs = (there.retentionRules[0]?.everySeconds || Infinity) * 1000;
    if (keptMs > (retentionMs ?? Infinity)) {
      const advice = 'change that by hand if what is older may go, or name another INFLUX_ORG';
      throw new ProvisionRefused(`bucket ${name} ${fault}: ${advice}`, true, undefined);
    }
    await buckets.patchBucketsID({ bucketID: there.id as string, body: { retentionRules } });
    done.push(`life of bucket ${name}`);
  }
  return there.id as string;
}

/** How the life of a bucket differs from what it has to be, in words; undefined where it does not. */
export function lifeFault({ name, retentionRules }: Pick<Bucket, 'name' | 'retentionRules'>): string | undefined {
  const { retentionMs, shardGroupMs } = bucketLives[name as BucketName];
  const [rule] = retentionRules;
  const everyS = rule?.everySeconds ?? 0;
  if (everyS !== (retentionMs ?? 0) / 1000) return `keeps ${inDays(everyS)}, not ${inDays((retentionMs ?? 0) / 1000)}`;
  const groupS = rule?.shardGroupDurationSeconds ?? shardGroupMs / 1000;
  if (groupS !== shardGroupMs / 1000)
    return `has shard groups of ${inDays(groupS)}, not ${inDays(shardGroupMs / 1000)}`;
  return undefined;
}

const inDays = (seconds: number) => (seconds === 0 ? 'for ever' : `${seconds / 86_400} days`);

function permissionsOf(access: Access, ids: Map<BucketName, string>, orgID: string): Permission[] {
  return (['read', 'write'] as const).flatMap((action) =>
    access[action].map((name) => ({
      action,
      resource: { type: 'buckets' as const, id: ids.get(name) as string, orgID },
    })),
  );
}

interface WantedToken {
  orgID: string;
  user: string;
  permissions: Permission[];
}

/** Tokens are known again by their description; one whose permissions are not the wanted ones is made anew. */
async function ensureToken(influx: InfluxDB, wanted: WantedToken, done: string[]): Promise<string> {
  const { orgID, user, permissions } = wanted;
  const api = new AuthorizationsAPI(influx);
  const description = `fleet-telemetry ${user}`;
  const all = (await api.getAuthorizations({ orgID })).authorizations ?? [];
  const ours = all.filter((one) => one.description === description);
  const good = ours.find((one) => one.status === 'active' && one.token && keyOf(one) === keyOf({ permissions }));
  for (const stale of ours) if (stale !== good) await api.deleteAuthorizationsID({ authID: stale.id as string });
  if (good?.token) return good.token;
  const { token } = await api.postAuthorizations({ body: { orgID, description, permissions } });
  done.push(`token of ${user}`);
  return token as string;
}

function keyOf({ permissions }: Pick<Authorization, 'permissions'>): string {
  return (permissions ?? [])
    .map(({ action, resource }) => `${action} ${resource.type} ${resource.id}`)
    .sort()
    .join();
}
