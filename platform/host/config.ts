import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { ingestLimitsSchema } from '../../functions/lib/telemetry/limits.ts';
import { rulesFrom, tripsConfigSchema } from '../../functions/lib/trips/rules.ts';
import { ConfigError } from './config-error.ts';
import { type InfluxConfig, influxConfig, influxSettings } from './influx-config.ts';

/** The functions there are; each is a folder of functions/. */
export const functionNames = ['ingest', 'enrich', 'trip-segment', 'downsample', 'quarantine', 'query'] as const;
export type FunctionName = (typeof functionNames)[number];

/** Of the public listener. */
export const defaultPort = 8080;

const whatPortsAre = 'must be a port number, 0 to 65535';
const port = z.coerce.number(whatPortsAre).int(whatPortsAre).min(0, whatPortsAre).max(65_535, whatPortsAre);
const onOff = z.enum(['on', 'off']);

/** Everything the environment can set. Names that begin with FLEET_ and are not here are refused. */
const environmentSchema = z.object({
  /** Public: /ingest, /api, the page, health. */
  PORT: port.default(defaultPort),
  /** Loopback only: the broker's ingress. */
  INTERNAL_PORT: port.default(8081),
  FLEET_DATA: z.string().min(1).default('data'),
  /** The tokens' file; `tokens.json` of the data folder unless named. On a cluster a Secret, mounted. */
  FLEET_TOKENS: z.string().min(1).optional(),
  STORE: z.enum(['sqlite', 'influx']).default('sqlite'),
  ...influxSettings,
  FUNCTION: z.enum(functionNames).optional(),
  FLEET_DEMO: onOff.default('on'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** YAML file with trip rules and limits; `config.yaml` of the data folder where there is one. */
  FLEET_CONFIG: z.string().min(1).optional(),
  /** `off` refuses every event, as when the broker is down; for tests. */
  FLEET_BROKER: onOff.default('on'),
  /** Where a function in a container of its own publishes: the broker's ingress. */
  BROKER_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Read by the `fleet` command. */
  FLEET_URL: z.string().optional(),
  FLEET_TOKEN: z.string().optional(),
});

const fileSchema = z.strictObject({
  trips: tripsConfigSchema.prefault({}),
  ingest: ingestLimitsSchema.prefault({}),
});

export interface Config {
  port: number;
  internalPort: number;
  /** Absolute. */
  dataDir: string;
  /** Absolute. */
  tokensFile: string;
  function: FunctionName | undefined;
  demo: boolean;
  logLevel: string;
  brokerOff: boolean;
  brokerUrl: string | undefined;
  /** Where the store is, if not in the data folder. */
  influx: InfluxConfig | undefined;
  rulesFor: ReturnType<typeof rulesFrom>;
  ingestLimits: z.infer<typeof ingestLimitsSchema>;
}

/** The configuration from the environment and the YAML file it names. Throws ConfigError. */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const unknown = Object.keys(env).find((name) => name.startsWith('FLEET_') && !(name in environmentSchema.shape));
  if (unknown !== undefined) throw new ConfigError(`environment: ${unknown} is not a setting`);
  // An empty variable is as good as none: that is how compose files and manifests leave one out.
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = environmentSchema.safeParse(set);
  if (!parsed.success) throw refusal('environment', parsed.error);
  const values = parsed.data;
  demandTwoPorts(values);
  const dataDir = resolve(values.FLEET_DATA);
  const file = readFile(values.FLEET_CONFIG, join(dataDir, 'config.yaml'));
  return {
    port: values.PORT,
    internalPort: values.INTERNAL_PORT,
    dataDir,
    tokensFile: resolve(values.FLEET_TOKENS ?? join(dataDir, 'tokens.json')),
    function: values.FUNCTION,
    demo: values.FLEET_DEMO === 'on',
    logLevel: values.LOG_LEVEL,
    brokerOff: values.FLEET_BROKER === 'off',
    brokerUrl: values.BROKER_URL,
    influx: values.STORE === 'influx' ? influxConfig(values) : undefined,
    ...file,
  };
}

/** A function alone listens on one. */
function demandTwoPorts({ PORT, INTERNAL_PORT, FUNCTION }: z.infer<typeof environmentSchema>): void {
  if (FUNCTION !== undefined || PORT !== INTERNAL_PORT || PORT === 0) return;
  throw new ConfigError(`environment: PORT and INTERNAL_PORT are both ${PORT}: the server needs two`);
}

function readFile(named: string | undefined, usual: string): Pick<Config, 'rulesFor' | 'ingestLimits'> {
  const path = named === undefined ? usual : resolve(named);
  const there = existsSync(path);
  if (!there && named !== undefined)
    throw new ConfigError(`environment: FLEET_CONFIG names ${path}, which is not there`);
  let content: unknown;
  try {
    content = there ? (parse(readFileSync(path, 'utf8')) ?? {}) : {};
  } catch (cause) {
    throw new ConfigError(`${path}: ${(cause as Error).message.split('\n')[0]}`, { cause });
  }
  const parsed = fileSchema.safeParse(content);
  if (!parsed.success) throw refusal(path, parsed.error);
  try {
    return { rulesFor: rulesFrom(parsed.data.trips), ingestLimits: parsed.data.ingest };
  } catch (cause) {
    throw new ConfigError(`${path}: trips: ${(cause as Error).message}`, { cause });
  }
}

function refusal(where: string, error: z.ZodError): ConfigError {
  const [issue] = error.issues;
  const key = issue?.path.join('.') ?? '';
  return new ConfigError(`${where}: ${key ? `${key}: ` : ''}${issue?.message ?? 'invalid'}`);
}
