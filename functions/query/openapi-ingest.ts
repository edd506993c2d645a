import { z } from 'zod';
import { eventTypes } from '../lib/telemetry/events.ts';
import { idSchema, reportedSampleSchema } from '../lib/telemetry/sample.ts';
import { timeSchema } from '../lib/telemetry/time.ts';
import { problemAnswers } from './openapi-problem.ts';

/** What `POST /ingest` takes, for the OpenAPI document (DESIGN §3). */

const samplesSchema = z.object({ samples: z.array(reportedSampleSchema) }).describe('Samples of one vehicle');
const dataSchema = z.union([reportedSampleSchema, samplesSchema]);

const eventSchema = z
  .looseObject({
    specversion: z.literal('1.0'),
    id: z.string().min(1),
    source: z.string().min(1).describe('URI reference of the edge client'),
    type: z.literal(eventTypes.reported),
    subject: idSchema.describe('The vehicle'),
    time: timeSchema.optional(),
    datacontenttype: z.literal('application/json').optional(),
    data: dataSchema,
  })
  .describe('A CloudEvents 1.0 event');

const vehicle = idSchema.optional().describe('May be left to a token that is bound to one vehicle');

export const ingestSchemas = {
  ReportedSample: reportedSampleSchema,
  ReportedSamples: samplesSchema,
  ReportedEvent: eventSchema,
  ReportedBatch: z.array(eventSchema).max(1_000).describe('A batch is accepted as a whole or not at all'),
  PlainReport: z
    .union([z.looseObject({ vehicle, time: timeSchema }), samplesSchema.extend({ vehicle })])
    .describe('The data of an event without its envelope: a ReportedSample, or samples, with the vehicle beside it'),
  Accepted: z.object({
    accepted: z.int().describe('Samples, all of them on disk'),
    receipt: z.string().nullable(),
  }),
};

const content = (name: keyof typeof ingestSchemas) => ({
  schema: { $ref: `#/components/schemas/${name}` },
});

export const ingestOperation = {
  operationId: 'ingest',
  summary: 'Report samples: 202 once they are durable; repeating a request changes nothing',
  description:
    'CloudEvents in structured, batch and binary mode (attributes as `ce-` headers, data as the JSON body), or plain JSON. The body may be compressed (`Content-Encoding: gzip`).',
  security: [{ token: ['ingest'] }],
  requestBody: {
    required: true,
    content: {
      'application/cloudevents+json': content('ReportedEvent'),
      'application/cloudevents-batch+json': content('ReportedBatch'),
      'application/json': content('PlainReport'),
    },
  },
  responses: {
    202: {
      description: 'Accepted: the samples are durable',
      content: { 'application/json': content('Accepted') },
    },
    ...problemAnswers(
      'invalid-request',
      'unauthorized',
      'forbidden',
      'insufficient-scope',
      'method-not-allowed',
      'timeout',
      'payload-too-large',
      'unsupported-media-type',
      'invalid-sample',
      'rate-limited',
      'headers-too-large',
      'store-unavailable',
      'overloaded',
      'shutting-down',
    ),
  },
};
