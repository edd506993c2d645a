import { CliError } from './exit.ts';
import type { ServerOptions } from './options.ts';
import { baseUrl, isLoopback } from './settings.ts';
import { printable } from './table.ts';
import type { World } from './world.ts';

/** A request to the server. */
export interface ApiRequest {
  method?: 'GET' | 'POST' | 'DELETE';
  path: string;
  query?: Record<string, string | undefined>;
  token?: string | undefined;
  body?: { mediaType: string; text: string };
}

export interface ApiAnswer {
  status: number;
  ok: boolean;
  headers: Headers;
  text: string;
}

/** An answer may take long (a list of 10,000 rows), but not for ever, ms. */
const answerTimeoutMs = 60_000;

/** Sends a request and answers whatever came back. Throws CliError (unavailable) when there is no server. */
export async function send(world: World, base: URL, request: ApiRequest): Promise<ApiAnswer> {
  const url = new URL(request.path, base);
  for (const [name, value] of Object.entries(request.query ?? {}))
    if (value !== undefined) url.searchParams.set(name, value);
  const headers: Record<string, string> = {};
  if (request.token !== undefined) headers.authorization = `Bearer ${request.token}`;
  if (request.body) headers['content-type'] = request.body.mediaType;
  try {
    const answer = await world.fetch(url, {
      method: request.method ?? 'GET',
      headers,
      body: request.body?.text ?? null,
      signal: AbortSignal.timeout(answerTimeoutMs),
    });
    return { status: answer.status, ok: answer.ok, headers: answer.headers, text: await answer.text() };
  } catch (error) {
    throw new CliError('unavailable', reasonOf(error, base), { cause: error });
  }
}

function reasonOf(error: unknown, { origin }: URL): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return `the server at ${origin} did not answer within ${answerTimeoutMs / 1_000} s`;
  }
  return `no server at ${origin} – start it with \`npm start\`, or name another with --url`;
}

/**
 * Reads from the server; answers the JSON text. On this machine no token is needed, so FLEET_TOKEN (often one that may
 * only ingest) is used there only if the server asks for one. Throws CliError.
 */
export async function read(world: World, options: ServerOptions, request: Omit<ApiRequest, 'token'>): Promise<string> {
  const base = baseUrl(options.url, world);
  const fromEnv = world.env.FLEET_TOKEN || undefined;
  const first = await send(world, base, {
    ...request,
    token: options.token ?? (isLoopback(base) ? undefined : fromEnv),
  });
  if (first.status !== 401 || options.token !== undefined || !isLoopback(base) || fromEnv === undefined)
    return textOf(first);
  return textOf(await send(world, base, { ...request, token: fromEnv }));
}

/** The text of a successful answer. Throws the CliError that a refusal means. */
export function textOf(answer: ApiAnswer): string {
  if (answer.ok) return answer.text;
  throw refusalOf(answer);
}

/** What a refusal means for the user. */
export function refusalOf({ status, text }: ApiAnswer): CliError {
  const detail = printable(problemOf(text)?.detail ?? `the server answered ${status}`).slice(0, 500);
  if (status === 401) return new CliError('auth', `${detail} (give a token with --token or FLEET_TOKEN)`);
  if (status === 403) return new CliError('auth', detail);
  if (status === 429 || status === 503) return new CliError('temporary', detail);
  return new CliError(status < 500 ? 'data' : 'internal', detail);
}

/** The part of a problem (RFC 9457) that is shown. */
export interface ShownProblem {
  detail?: string;
  errors?: { index?: number; pointer?: string; detail?: string }[];
}

export function problemOf(text: string): ShownProblem | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
