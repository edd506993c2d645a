import { problemAnswers } from './openapi-problem.ts';

/** What the public port serves beside `/ingest` and the read API, for the OpenAPI document. */
export function otherPaths(security: object[]): Record<string, object> {
  return {
    '/': {
      get: {
        operationId: 'showPage',
        summary: 'The page: vehicles and the latest trips',
        security,
        responses: {
          200: answer('The page', 'text/html'),
          401: answer('The page of those who may not see it', 'text/html'),
          ...problemAnswers('invalid-request', 'insufficient-scope', 'method-not-allowed', 'store-unavailable'),
        },
      },
    },
    '/metrics': {
      get: {
        operationId: 'readMetrics',
        summary: 'Metrics of this process, as Prometheus reads them; needs a token for any vehicle',
        security,
        responses: {
          200: answer('Text exposition', 'text/plain'),
          ...problemAnswers('invalid-request', 'unauthorized', 'insufficient-scope', 'store-unavailable'),
        },
      },
    },
    '/openapi.json': {
      get: {
        operationId: 'readDocument',
        summary: 'This document',
        security: [],
        responses: { 200: answer('OpenAPI 3.1', 'application/json'), ...problemAnswers('method-not-allowed') },
      },
    },
    '/health/liveness': {
      get: {
        operationId: 'checkLiveness',
        summary: 'Whether the process runs',
        security: [],
        responses: { 200: answer('It does', 'application/json') },
      },
    },
    '/health/readiness': {
      get: {
        operationId: 'checkReadiness',
        summary: 'Whether a request would be served just now',
        security: [],
        responses: {
          200: answer('It would', 'application/json'),
          503: answer('It would not: shutting down, or the store is not there', 'application/json'),
        },
      },
    },
  };
}

function answer(description: string, mediaType: string) {
  return {
    description,
    content: { [mediaType]: { schema: mediaType === 'application/json' ? { type: 'object' } : { type: 'string' } } },
  };
}
