import { z } from 'zod';
import { cesql } from './cesql/cesql.ts';
import { parseIsoDurationMs } from './duration.ts';
import { endpointSlice, externalService } from './external-schema.ts';
import type { Filter } from './filter.ts';
import { metadata, name } from './metadata-schema.ts';
import { readSchedule } from './schedule.ts';
import { service } from './service-schema.ts';

/**
 * The Knative kinds this runtime understands, as their CRDs write them (eventing, sources and serving.knative.dev/v1).
 * Keys are refused unless they are interpreted or named here as passed over, so that a manifest never does less here
 * than it says.
 */

const isoDuration = z.string().transform((text, context) => {
  const ms = parseIsoDurationMs(text);
  if (ms === undefined) context.addIssue('must be an ISO 8601 duration without years and months, as PT0.2S');
  return ms ?? 0;
});

const httpUri = z.url({ protocol: /^https?$/, error: 'must be an absolute http or https URL' });

/** What a ref may name: a function of this checkout, a broker, or a server elsewhere that a Kubernetes Service stands for. */
const reference = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  name,
  namespace: name.optional(),
});
export type Reference = z.infer<typeof reference>;
const referable = ['serving.knative.dev/v1 Service', 'eventing.knative.dev/v1 Broker', 'v1 Service'];

const knownReference = reference.refine(
  ({ apiVersion, kind }) => referable.includes(`${apiVersion} ${kind}`),
  `must be one of ${referable.join(', ')}`,
);

/**
 * Where events are sent (duck type Destination): a resource by `ref`, any server by an absolute `uri`, or another path of
 * the resource by both (Knative Eventing, resolver: ResolveReference).
 */
const destination = z
  .strictObject({ ref: knownReference.optional(), uri: z.string().optional() })
  .transform(({ ref, uri }, context): { ref: Reference; uri?: string } | { uri: string } => {
    const refuse = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', path, message });
    if (ref === undefined) {
      const absolute = httpUri.safeParse(uri);
      if (uri === undefined) refuse('must have ref, uri or both');
      else if (!absolute.success) refuse(absolute.error.issues[0]?.message ?? 'invalid', 'uri');
      return { uri: uri ?? '' };
    }
    if (uri === undefined) return { ref };
    if (URL.canParse(uri) || !URL.canParse(uri, 'http://name')) refuse('must be relative beside a ref', 'uri');
    return { ref, uri };
  });
export type Destination = z.infer<typeof destination>;

/** Delivery spec (duck type DeliverySpec). */
const delivery = z
  .strictObject({
    retry: z.int().min(0).max(1_000).default(0),
    backoffPolicy: z.enum(['linear', 'exponential']).optional(),
    backoffDelay: isoDuration.optional(),
    timeout: isoDuration.optional(),
    deadLetterSink: destination.optional(),
  })
  // No time at all is no timeout, as with Go's HTTP client.
  .transform(({ backoffDelay, timeout, ...rest }) => ({
    ...rest,
    backoffDelayMs: backoffDelay,
    timeoutMs: timeout || undefined,
  }));
export type DeliverySpec = z.infer<typeof delivery>;

const attributeName = z.string().regex(/^[a-z][a-z0-9]*$/, 'attribute names match [a-z][a-z0-9]*');
const attributePairs = z
  .record(attributeName, z.string().min(1))
  .refine((pairs) => Object.keys(pairs).length > 0, 'must name an attribute');

const cesqlExpression = z.string().superRefine((text, context) => {
  try {
    cesql(text);
  } catch (error) {
    context.addIssue(`is no CESQL expression: ${(error as Error).message}`);
  }
});

const dialects = ['exact', 'prefix', 'suffix', 'all', 'any', 'not', 'cesql'] as const;

const filter: z.ZodType<Filter> = z.lazy(() =>
  z
    .strictObject({
      exact: attributePairs.optional(),
      prefix: attributePairs.optional(),
      suffix: attributePairs.optional(),
      all: z.array(filter).min(1).optional(),
      any: z.array(filter).min(1).optional(),
      not: filter.optional(),
      cesql: cesqlExpression.optional(),
    })
    .transform((element, context) => {
      const used = dialects.filter((dialect) => element[dialect] !== undefined);
      if (used.length !== 1) context.addIssue(`must have exactly one dialect of ${dialects.join(', ')}`);
      return element as unknown as Filter;
    }),
);

const broker = z.strictObject({
  apiVersion: z.literal('eventing.knative.dev/v1'),
  kind: z.literal('Broker'),
  metadata,
  spec: z
    .strictObject({
      delivery: delivery.optional(),
      /** Names the channel's template on the cluster; nothing corresponds to it here. */
      config: z.unknown().optional(),
    })
    .default({}),
});

const trigger = z.strictObject({
  apiVersion: z.literal('eventing.knative.dev/v1'),
  kind: z.literal('Trigger'),
  metadata,
  spec: z.strictObject({
    broker: name,
    filter: z.strictObject({ attributes: z.record(attributeName, z.string()).default({}) }).optional(),
    filters: z.array(filter).optional(),
    subscriber: destination,
    delivery: delivery.optional(),
  }),
});

const timezone = z.string().refine((zone) => {
  // An offset as +01:00 is one to Node, and none to a cluster.
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}, 'must be an IANA time zone');

/** Attributes that the source sets itself, and the data: a cluster sends no event whose extensions are named like these. */
const ownAttributes = new Set('specversion id source type subject time datacontenttype dataschema data'.split(' '));
const extensionName = z
  .string()
  .regex(/^[a-z0-9]+$/, 'extension names match [a-z0-9]+')
  .refine((one) => !ownAttributes.has(one), 'is no extension, but an attribute that the source sets');

const schedule = z.string().superRefine((expression, context) => {
  try {
    readSchedule(expression);
  } catch (error) {
    context.addIssue(
      `must be a cron expression of 5 or 6 fields or a descriptor as @hourly (${(error as Error).message})`,
    );
  }
});

const pingSource = z.strictObject({
  apiVersion: z.literal('sources.knative.dev/v1'),
  kind: z.literal('PingSource'),
  metadata,
  spec: z
    .strictObject({
      schedule: schedule.default('* * * * *'),
      /** Containers of Knative run in UTC, which is what its default comes to. */
      timezone: timezone.default('Etc/UTC'),
      contentType: z.string().min(1).optional(),
      data: z.string().optional(),
      dataBase64: z.base64().optional(),
      sink: destination,
      ceOverrides: z.strictObject({ extensions: z.record(extensionName, z.string()).default({}) }).optional(),
    })
    .refine(
      ({ data, dataBase64 }) => data === undefined || dataBase64 === undefined,
      'data and dataBase64 exclude each other',
    )
    .superRefine(({ contentType, data, dataBase64 }, context) => {
      const text = dataBase64 ? Buffer.from(dataBase64, 'base64').toString() : data;
      if (contentType !== 'application/json' || !text || isJsonObject(text)) return;
      const path = [dataBase64 ? 'dataBase64' : 'data'];
      context.addIssue({ code: 'custom', path, message: 'must be a JSON object, as contentType says' });
    }),
});

/** Schemas by `apiVersion/kind`. */
export const kinds = {
  'eventing.knative.dev/v1/Broker': broker,
  'eventing.knative.dev/v1/Trigger': trigger,
  'sources.knative.dev/v1/PingSource': pingSource,
  'serving.knative.dev/v1/Service': service,
  'v1/Service': externalService,
  'discovery.k8s.io/v1/EndpointSlice': endpointSlice,
} as const;

export type BrokerDocument = z.infer<typeof broker>;
export type TriggerDocument = z.infer<typeof trigger>;
export type PingSourceDocument = z.infer<typeof pingSource>;
export type { EndpointSliceDocument, ExternalServiceDocument } from './external-schema.ts';
export type { ServiceDocument } from './service-schema.ts';

/** What the webhook of PingSource takes for JSON. */
function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
