import { z } from 'zod';
import { rollupSchema } from '../lib/rollups/rollup.ts';
import { ingestOperation, ingestSchemas } from './openapi-ingest.ts';
import { otherPaths } from './openapi-others.ts';
import { problemAnswers, problemSchema } from './openapi-problem.ts';
import { type Route, routes } from './routes.ts';

type Json = Record<string, unknown>;

const documents = new Map<boolean, Json>();

/**
 * The OpenAPI 3.1 document as it holds for who asks: paths from the table of routes, schemas from zod. Made at the first
 * request for it.
 *
 * @param freeToRead whether reading needs no token, as on the machine itself
 */
export function openApiDocument(freeToRead: boolean): Json {
  const document = documents.get(freeToRead) ?? makeDocument(freeToRead);
  documents.set(freeToRead, document);
  return document;
}

function makeDocument(freeToRead: boolean): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Fleet Telemetry',
      version: '1',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description: 'Reports of vehicles go in as CloudEvents; vehicles, trips and rollups come out.',
    },
    servers: [{ url: '/' }],
    paths: {
      '/ingest': { post: ingestOperation },
      ...paths(freeToRead),
      ...otherPaths(securityOf('read', freeToRead)),
    },
    components: {
      schemas: schemas(),
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'id.secret',
          description:
            'From `fleet token create`; scopes ingest, read, admin. Reading on the machine itself needs none.',
        },
      },
    },
  };
}

function paths(freeToRead: boolean): Json {
  const all: Record<string, Json> = {};
  for (const route of routes) {
    all[route.path] = {
      ...all[route.path],
      [route.method.toLowerCase()]: operation(route, freeToRead),
    };
  }
  return all;
}

function operation(route: Route, freeToRead: boolean): Json {
  const { $schema: _, ...query } = z.toJSONSchema(route.parameters, {
    io: 'input',
  });
  const names = Object.entries((query.properties ?? {}) as Record<string, Json>);
  return {
    operationId: route.handle.name,
    summary: route.summary,
    parameters: [
      ...(route.path.includes('{id}')
        ? [
            {
              name: 'id',
              in: 'path',
              required: true,
              schema: { type: 'string' },
            },
          ]
        : []),
      ...names.map(([name, { description, ...schema }]) => ({
        name,
        in: 'query',
        description,
        schema,
      })),
    ],
    security: securityOf(route.scope, freeToRead),
    responses: {
      [route.status]: {
        description: 'Done',
        content: {
          'application/json': {
            schema: { $ref: `#/components/schemas/${route.answer[0]}` },
          },
        },
      },
      ...problemAnswers(
        'invalid-request',
        'unauthorized',
        'forbidden',
        'insufficient-scope',
        ...(route.path.includes('{id}') ? (['not-found'] as const) : []),
        'store-unavailable',
        ...(route.refusals ?? []),
      ),
    },
  };
}

/** An empty requirement beside the token says that there may be none. */
function securityOf(scope: Route['scope'], freeToRead: boolean): Json[] {
  return [{ token: [scope] }, ...(scope === 'read' && freeToRead ? [{}] : [])];
}

function schemas(): Json {
  return {
    ...named({ Rollup: rollupSchema, ...Object.fromEntries(routes.map(({ answer }) => answer)) }, 'output'),
    ...named(ingestSchemas, 'input'),
    ...named({ Problem: problemSchema }, 'output'),
  };
}

/** JSON Schemas under their names, in which one refers to another by its name. */
function named(all: Record<string, z.ZodType>, io: 'input' | 'output'): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(all)) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, {
    io,
    uri: (id) => `#/components/schemas/${id}`,
  });
  return Object.fromEntries(
    Object.entries(made.schemas).map(([id, { $schema: _s, $id: _i, ...schema }]) => [id, schema]),
  );
}
