import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import express, { type Express, type NextFunction } from 'express';
import type { Authenticator } from '../../functions/lib/auth/authenticator.ts';
import { allows, anyVehicle } from '../../functions/lib/auth/tokens.ts';
import type { HttpAnswer } from '../../functions/lib/ports.ts';
import { problem } from '../../functions/lib/problem.ts';
import { securityHeaders } from '../../functions/lib/security-headers.ts';
import { createAdmission } from './admission.ts';
import { httpHandler, isLoopback, type ServedFunction, send } from './http.ts';
import type { MetricsHost } from './metrics.ts';

export interface Health {
  /** Rejects while requests cannot be served. */
  ready(): Promise<void>;
  draining: boolean;
}

export interface PublicApp {
  ingest?: ServedFunction;
  query?: ServedFunction;
  metrics: MetricsHost;
  health: Health;
  /** Reading over loopback needs no token. Not in a container: there the proxy of the pod speaks from loopback for all. */
  trustsLoopback: boolean;
}

/** Why a request may not read the metrics, if it may not. */
type MetricsRefusal = (request: express.Request) => HttpAnswer | undefined;

/** An express application without anything that costs a request time: no parsers, no view engine, no ETags of its own. */
export function bareApp(
  { metrics, health }: { metrics: MetricsHost; health: Health },
  metricsRefusal: MetricsRefusal = () => undefined,
): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((_, response, next) => {
    response.set(securityHeaders);
    next();
  });
  app.get('/health/liveness', (_, response) => void response.json({ status: 'up' }));
  app.get('/health/readiness', async (_, response) => {
    try {
      if (health.draining) throw new Error('shutting down');
      await health.ready();
      response.json({ status: 'ready' });
    } catch (error) {
      response.status(503).json({ status: 'not ready', reason: (error as Error).message });
    }
  });
  app.get('/metrics', async (request, response) => {
    const refusal = metricsRefusal(request);
    if (refusal) return send(response, refusal);
    try {
      const { contentType, body } = await metrics.text();
      response.type(contentType).send(body);
    } catch {
      await send(
        response,
        problem('store-unavailable', { detail: 'lag cannot be read just now', instance: '/metrics' }),
      );
    }
  });
  app.all(['/health/liveness', '/health/readiness', '/metrics'], (request, response) => {
    const detail = `${request.method} is not served here`;
    const headers = { allow: 'GET, HEAD' };
    return send(response, problem('method-not-allowed', { detail, instance: request.path, headers }));
  });
  return app;
}

/** Nothing but ingest reads a body, so that others need not be held, bytes. */
const maxUnusedBytes = 4_096;

/** What the public port serves: `/ingest`, the read API and the page, health, metrics (DESIGN §8). */
export function publicApp({ ingest, query, trustsLoopback, ...rest }: PublicApp): RequestListener {
  const auth = (query ?? ingest)?.ports.auth;
  const app = bareApp(rest, (request) =>
    trustsLoopback && isLoopback(request) && request.headers.authorization === undefined
      ? undefined
      : readRefusal(request, auth),
  );
  const postIngest = ingest && ingestHandler(ingest, rest.health);
  if (postIngest) {
    app.post('/ingest', (request, response) => postIngest(request, response));
    app.options('/ingest', (_, response) => void response.status(204).set('allow', 'POST').end());
    app.all('/ingest', (request, response) => {
      const detail = `${request.method} is not served here`;
      return send(response, problem('method-not-allowed', { detail, instance: '/ingest', headers: { allow: 'POST' } }));
    });
  }
  if (query) {
    const handler = httpHandler({ ...query, maxBodyBytes: maxUnusedBytes }, trustsLoopback);
    app.use((request, response) => handler(request, response, request.path));
  } else app.use(notFound);
  app.use(failed);
  if (!postIngest) return app;
  return (request, response) => {
    // Routing would be a tenth of what accepting a sample costs; other spellings of the path still find their way by it.
    if (request.method === 'POST' && request.url === '/ingest') void postIngest(request, response);
    else app(request, response);
  };
}

function ingestHandler(ingest: ServedFunction, health: Health) {
  const { store, metrics } = ingest.ports;
  const admission = createAdmission(
    () => store.busy(),
    (code) => metrics.count('fleet_requests_refused_total', 1, { code }),
  );
  const handler = httpHandler(ingest, false, admission);
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (health.draining)
      return send(response, problem('shutting-down', { detail: 'send it again', instance: '/ingest' }));
    const startedMs = performance.now();
    await handler(request, response, '/ingest');
    const status = `${Math.floor(response.statusCode / 100)}xx`;
    metrics.observe('fleet_ingest_duration_seconds', (performance.now() - startedMs) / 1_000, { status });
  };
}

/** Metrics tell of the whole fleet, so a token must be for all of it. */
function readRefusal({ headers }: express.Request, auth: Authenticator | undefined): HttpAnswer | undefined {
  const who = auth?.authenticate(headers.authorization);
  const instance = '/metrics';
  if (!who?.ok) return problem('unauthorized', { detail: who?.detail ?? 'nobody may read this', instance });
  if (allows(who.record, 'read', anyVehicle)) return undefined;
  return problem('insufficient-scope', {
    detail: "this needs a token with the scope read, for the vehicle '*'",
    instance,
  });
}

/** What express itself throws; its own answer would show the stack. Four parameters, by which it knows a handler of errors. */
function failed(error: { status?: number }, request: express.Request, response: express.Response, _: NextFunction) {
  const [code, detail] = error.status === 400 ? (['invalid-request', 'the path is malformed'] as const) : internal;
  void send(response, problem(code, { detail, instance: request.path }));
}

const internal = ['internal', 'the server failed'] as const;

function notFound(request: express.Request, response: express.Response): void {
  void send(response, problem('not-found', { detail: 'nothing is served here', instance: request.path }));
}
