import type { EventFunction, HttpFunction } from '../../functions/lib/ports.ts';
import type { FunctionName } from './config.ts';

/** The functions that are called over HTTP; the others are called with events. */
export const httpFunctions = ['ingest', 'query'] as const satisfies FunctionName[];
export type HttpFunctionName = (typeof httpFunctions)[number];

export function isHttpFunction(name: FunctionName): name is HttpFunctionName {
  return (httpFunctions as readonly string[]).includes(name);
}

/** The module of an HTTP function; `unknown` state, because whoever calls it only hands it back. */
export async function loadHttpFunction(name: HttpFunctionName): Promise<HttpFunction<unknown>> {
  return (await import(`../../functions/${name}/handler.ts`)) as HttpFunction<unknown>;
}

export async function loadEventFunction(name: string): Promise<EventFunction<unknown>> {
  return (await import(`../../functions/${name}/handler.ts`)) as EventFunction<unknown>;
}
