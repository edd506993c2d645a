import { Refused } from './refused.ts';
import { type Route, routes } from './routes.ts';

export type Match =
  | { kind: 'route'; route: Route; id: string }
  | { kind: 'document' }
  | { kind: 'page' }
  | { kind: 'options'; allow: string };

/** Paths beside the API's. */
const singles: Record<string, Match> = {
  '/': { kind: 'page' },
  '/openapi.json': { kind: 'document' },
};

const patterns = routes.map((route) => ({
  route,
  pattern: new RegExp(`^${route.path.replace('{id}', '([^/]{1,512})')}$`),
}));

/** Finds what answers a request. Throws Refused: not-found, method-not-allowed. */
export function match(method: string, path: string): Match {
  const single = Object.hasOwn(singles, path) ? singles[path] : undefined;
  const found = patterns.flatMap(({ route, pattern }) => {
    const parts = pattern.exec(path);
    return parts ? [{ kind: 'route' as const, route, id: decodeSegment(parts[1] ?? '') }] : [];
  });
  if (!single && found.length === 0) throw new Refused('not-found', 'there is nothing at this path');
  const methods = single ? ['GET'] : found.map(({ route }) => route.method);
  const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  if (method === 'OPTIONS') return { kind: 'options', allow };
  const answer = single && method === 'GET' ? single : found.find(({ route }) => route.method === method);
  if (!answer)
    throw new Refused('method-not-allowed', `this path takes ${allow}`, {
      headers: { allow },
    });
  return answer;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Refused('invalid-request', 'the path is not percent-encoded UTF-8');
  }
}
