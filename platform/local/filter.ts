import type { CloudEvent } from '../../functions/lib/telemetry/events.ts';
import { cesqlFilter } from './cesql/cesql.ts';

/**
 * Trigger filters (Knative Eventing, "Trigger filters"; CloudEvents Subscriptions API §3.2.4). They see context
 * attributes and extensions, never the data, and compare strings exactly, case included.
 */
export type Filter =
  | { exact: Record<string, string> }
  | { prefix: Record<string, string> }
  | { suffix: Record<string, string> }
  | { all: Filter[] }
  | { any: Filter[] }
  | { not: Filter }
  | { cesql: string };

export interface TriggerFilters {
  /** The older form: attributes that must be equal; an empty value asks for presence alone. */
  filter?: { attributes: Record<string, string> } | undefined;
  /** All must hold; replaces `filter` unless it is empty. */
  filters?: Filter[] | undefined;
}

export type Matches = (event: CloudEvent) => boolean;

/**
 * What a trigger's events are told by; without any filter every event matches.
 * @throws {CesqlSyntaxError} for a `cesql` that is none
 */
export function compileFilters({ filter, filters }: TriggerFilters): Matches {
  if (filters !== undefined && filters.length > 0) return every(filters.map(compile));
  return every(Object.entries(filter?.attributes ?? {}).map(([name, value]) => legacy(name, value)));
}

function compile(filter: Filter): Matches {
  if ('exact' in filter) return attributes(filter.exact, (actual, value) => actual === value);
  if ('prefix' in filter) return attributes(filter.prefix, (actual, value) => actual.startsWith(value));
  if ('suffix' in filter) return attributes(filter.suffix, (actual, value) => actual.endsWith(value));
  if ('all' in filter) return every(filter.all.map(compile));
  if ('any' in filter) {
    const some = filter.any.map(compile);
    return (event) => some.some((matches) => matches(event));
  }
  if ('cesql' in filter) return cesqlFilter(filter.cesql);
  const inner = compile(filter.not);
  return (event) => !inner(event);
}

function legacy(name: string, value: string): Matches {
  return (event) => {
    const actual = attribute(event, name);
    return actual !== undefined && (value === '' ? actual !== '' : actual === value);
  };
}

/** All pairs must hold; a missing attribute fails. */
function attributes(pairs: Record<string, string>, holds: (actual: string, value: string) => boolean): Matches {
  return every(
    Object.entries(pairs).map(([name, value]) => (event: CloudEvent) => {
      const actual = attribute(event, name);
      return actual !== undefined && holds(actual, value);
    }),
  );
}

function every(conditions: Matches[]): Matches {
  const [first] = conditions;
  if (first !== undefined && conditions.length === 1) return first;
  return (event) => conditions.every((matches) => matches(event));
}

/** The canonical string of an attribute (CloudEvents §3.1); numbers and booleans of extensions have one too. */
function attribute(event: CloudEvent, name: string): string | undefined {
  const value = name === 'data' || !Object.hasOwn(event, name) ? undefined : event[name];
  return value === undefined || value === null ? undefined : String(value);
}
