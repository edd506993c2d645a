import { expect, test } from 'vitest';
import { z } from 'zod';
import { tripSchema } from '../lib/trips/trip.ts';
import { openApiDocument } from './openapi.ts';
import { routes } from './routes.ts';

const document = JSON.parse(JSON.stringify(openApiDocument(true)));

/** The parts of the OpenAPI 3.1 schema that this document uses; a key that is not here is a mistake. */
const schemaObject = z.record(z.string(), z.unknown());
const content = z.record(z.string().regex(/^[a-z]+\/[a-z+-]+$/), z.strictObject({ schema: schemaObject }));
const operation = z.strictObject({
  operationId: z.string(),
  summary: z.string(),
  description: z.string().optional(),
  parameters: z
    .array(
      z.strictObject({
        name: z.string(),
        in: z.enum(['path', 'query']),
        required: z.boolean().optional(),
        description: z.string().optional(),
        schema: schemaObject,
      }),
    )
    .optional(),
  requestBody: z.strictObject({ required: z.boolean(), content }).optional(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  responses: z.record(
    z.string().regex(/^[2-5]\d\d$/),
    z.strictObject({
      description: z.string().min(1),
      headers: z.record(z.string(), z.strictObject({ description: z.string(), schema: schemaObject })).optional(),
      content: content.optional(),
    }),
  ),
});
const openApi = z.strictObject({
  openapi: z.literal('3.1.0'),
  info: z.strictObject({
    title: z.string(),
    version: z.string(),
    description: z.string(),
    license: z.strictObject({ name: z.string(), identifier: z.string() }),
  }),
  servers: z.array(z.strictObject({ url: z.string() })),
  paths: z.record(z.string().startsWith('/'), z.partialRecord(z.enum(['get', 'post', 'delete']), operation)),
  components: z.strictObject({
    schemas: z.record(z.string().regex(/^[A-Za-z0-9._-]+$/), schemaObject),
    securitySchemes: z.record(z.string(), z.object({ type: z.literal('http'), scheme: z.literal('bearer') })),
  }),
});

test('the document has the shape of OpenAPI 3.1', () => {
  expect(openApi.safeParse(document).error).toBeUndefined();
});

test('every reference leads somewhere, and every schema is used', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to as string);
  const there = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
  expect(references.filter((to) => !there.includes(to))).toEqual([]);
  expect(there.filter((name) => !references.includes(name))).toEqual([]);
});

test('every route is in it, under a name of its own', () => {
  for (const { path, method } of routes) expect(document.paths[path][method.toLowerCase()]).toBeDefined();
  const ids = Object.values<Record<string, { operationId: string }>>(document.paths).flatMap((path) =>
    Object.values(path).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
});

test('schemas come from zod', () => {
  const { Trip, TripList, ReportedSample } = document.components.schemas;
  expect(Object.keys(Trip.properties)).toEqual(Object.keys(tripSchema.shape));
  expect(TripList.properties.trips.items).toEqual({ $ref: '#/components/schemas/Trip' });
  expect(ReportedSample.properties.speedKmh).toMatchObject({ type: 'number', minimum: 0, maximum: 400, unit: 'km/h' });
  expect(ReportedSample.required).toEqual(['time']);
});

test('parameters say their type, default and bound', () => {
  const parameters = document.paths['/api/trips'].get.parameters as { name: string; schema: object }[];
  const schemaOf = (name: string) => parameters.find((parameter) => parameter.name === name)?.schema;
  expect(schemaOf('limit')).toMatchObject({ type: 'integer', minimum: 1, maximum: 1_000, default: 100 });
  expect(schemaOf('from')).toEqual({ type: 'string', format: 'date-time' });
});

test('ingest names its media types, answers and problem schema', () => {
  const { post } = document.paths['/ingest'];
  expect(Object.keys(post.requestBody.content)).toEqual([
    'application/cloudevents+json',
    'application/cloudevents-batch+json',
    'application/json',
  ]);
  expect(Object.keys(post.responses)).toEqual([
    '202',
    '400',
    '401',
    '403',
    '405',
    '408',
    '413',
    '415',
    '422',
    '429',
    '431',
    '503',
  ]);
  expect(post.responses['422'].content['application/problem+json'].schema.$ref).toBe('#/components/schemas/Problem');
  expect(document.components.schemas.Problem.properties.errors.maxItems).toBe(100);
});
