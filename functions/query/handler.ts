import type { HttpAnswer, HttpContext, Ports } from '../lib/ports.ts';
import { problem } from '../lib/problem.ts';
import { StoreUnavailable } from '../lib/store/port.ts';
import { viewOf } from './access.ts';
import { match } from './match.ts';
import { openApiDocument } from './openapi.ts';
import { showClosedPage, showPage } from './page.ts';
import { Refused } from './refused.ts';
import type { ApiRequest } from './request.ts';
import { json } from './stream.ts';

/** The read API, its OpenAPI document, and the page at `/`. */
export async function handle(context: HttpContext, _body: Uint8Array, ports: Ports): Promise<HttpAnswer> {
  try {
    const answer = await dispatch(context, ports);
    return context.method === 'HEAD' ? { ...answer, body: '' } : answer;
  } catch (error) {
    return refusal(error, context, ports);
  }
}

async function dispatch(context: HttpContext, ports: Ports): Promise<HttpAnswer> {
  const method = context.method === 'HEAD' ? 'GET' : context.method;
  const found = match(method, context.path);
  if (found.kind === 'options') return { status: 204, headers: { allow: found.allow }, body: '' };
  if (found.kind === 'document') return json(openApiDocument(context.loopback));
  if (found.kind === 'page') return page(context, ports);
  return found.route.handle(request(context, ports, found.route.scope, found.id));
}

function page(context: HttpContext, ports: Ports): Promise<HttpAnswer> | HttpAnswer {
  try {
    return showPage(request(context, ports, 'read', ''));
  } catch (error) {
    if (error instanceof Refused && error.code === 'unauthorized')
      return showClosedPage(originOf(context), error.message);
    throw error;
  }
}

function request(context: HttpContext, ports: Ports, scope: 'ingest' | 'read' | 'admin', id: string): ApiRequest {
  const view = viewOf(context, scope, ports);
  return {
    id,
    query: context.query,
    view,
    nowMs: ports.clock.now(),
    origin: originOf(context),
    ports,
  };
}

/** From the `Host` header, where it looks like one, and what a proxy says of the scheme. */
function originOf({ headers }: HttpContext): string {
  const host = /^[A-Za-z0-9.:[\]-]{1,255}$/.test(headers.host ?? '') ? headers.host : 'localhost:8080';
  return `${headers['x-forwarded-proto'] === 'https' ? 'https' : 'http'}://${host}`;
}

/** Every failure becomes a problem here, and nowhere else. */
function refusal(error: unknown, { path: instance }: HttpContext, { log }: Ports): HttpAnswer {
  if (error instanceof Refused) {
    const { code, message: detail, errors = [], headers = {} } = error;
    return problem(code, {
      detail,
      instance,
      headers,
      ...(errors.length > 0 && { errors }),
    });
  }
  if (error instanceof StoreUnavailable) {
    log.warn({ err: error }, 'store unavailable');
    const headers = { 'retry-after': String(error.retryAfterS) };
    return problem('store-unavailable', {
      detail: 'the store cannot answer just now',
      instance,
      headers,
    });
  }
  log.error({ err: error }, 'query failed');
  return problem('internal', {
    detail: 'see the log of the function',
    instance,
  });
}
