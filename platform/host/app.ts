import express, { type Express } from 'express';
import { problem } from '../../functions/lib/problem.ts';
import { httpHandler, type ServedFunction, send } from './http.ts';
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
}

/** An express application without anything that costs a request time: no parsers, no view engine, no ETags of its own. */
export function bareApp({ metrics, health }: { metrics: MetricsHost; health: Health }): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
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
  app.get('/metrics', async (_, response) => {
    const { contentType, body } = await metrics.text();
    response.type(contentType).send(body);
  });
  return app;
}

/** What the public port serves: `/ingest`, the read API and the page, health, metrics (DESIGN §8). */
export function publicApp({ ingest, query, ...rest }: PublicApp): Express {
  const app = bareApp(rest);
  if (ingest) {
    const handler = httpHandler(ingest);
    app.post('/ingest', (request, response, next) => {
      if (!rest.health.draining) return handler(request, response, next);
      return void send(response, problem('shutting-down', { detail: 'send it again', instance: '/ingest' }));
    });
    app.options('/ingest', (_, response) => void response.status(204).set('allow', 'POST').end());
    app.all('/ingest', (request, response) => {
      const detail = `${request.method} is not served here`;
      return send(response, problem('method-not-allowed', { detail, instance: '/ingest', headers: { allow: 'POST' } }));
    });
  }
  if (query) app.use(httpHandler(query));
  else app.use(notFound);
  return app;
}

function notFound(request: express.Request, response: express.Response): void {
  void send(response, problem('not-found', { detail: 'nothing is served here', instance: request.path }));
}
