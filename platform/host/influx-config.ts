import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from './config-error.ts';

/** Settings of `STORE=influx`. */
export const influxSettings = {
  INFLUX_URL: z.url({ protocol: /^https?$/ }).optional(),
  INFLUX_ORG: z.string().min(1).default('fleet'),
  INFLUX_TOKEN: z.string().min(1).optional(),
  /** A file with the token alone; on a cluster a Secret, mounted. */
  INFLUX_TOKEN_FILE: z.string().min(1).optional(),
};

export interface InfluxConfig {
  url: string;
  org: string;
  token: string;
}

/** Throws ConfigError where something is missing. */
export function influxConfig(values: z.infer<z.ZodObject<typeof influxSettings>>): InfluxConfig {
  const { INFLUX_URL: url, INFLUX_ORG: org, INFLUX_TOKEN: token, INFLUX_TOKEN_FILE: file } = values;
  if (url === undefined) throw new ConfigError('environment: INFLUX_URL: STORE=influx needs it');
  if ((token === undefined) === (file === undefined)) {
    throw new ConfigError('environment: STORE=influx needs one of INFLUX_TOKEN and INFLUX_TOKEN_FILE');
  }
  return { url: url.replace(/\/+$/, ''), org, token: token ?? readToken(file as string) };
}

function readToken(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new ConfigError(`environment: INFLUX_TOKEN_FILE: ${(cause as Error).message}`, { cause });
  }
  if (text === '') throw new ConfigError(`environment: INFLUX_TOKEN_FILE: ${path} is empty`);
  return text;
}
