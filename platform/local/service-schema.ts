import { z } from 'zod';
import { parseGoDurationMs } from './duration.ts';
import { labels, metadata } from './metadata-schema.ts';

/** A Knative Service (serving.knative.dev/v1), as far as it changes what one process does. */

const scale = z
  .string()
  .regex(/^\d{1,9}$/, 'must be a whole number in quotes')
  .transform(Number);

/** A duration as Go writes it, of at most an hour (Serving, autoscaler configuration). */
const duration = (least: string, leastMs: number) =>
  z.string().transform((text, context) => {
    const ms = parseGoDurationMs(text);
    if (ms === undefined || ms < leastMs || ms > 3_600_000) context.addIssue(`must be a duration of ${least} to 1h`);
    return ms ?? 0;
  });

const prefix = 'autoscaling.knative.dev/';
const retention = `${prefix}scale-to-zero-pod-retention-period`;
const read = ['min-scale', 'max-scale', 'window', 'scale-to-zero-pod-retention-period'];
/** Annotations of Serving that scale on load: they mean nothing in one process and are passed over. */
const passedOver = [
  ...['activation-scale', 'class', 'initial-scale', 'metric', 'panic-threshold-percentage', 'panic-window-percentage'],
  ...['scale-down-delay', 'target', 'target-burst-capacity', 'target-utilization-percentage'],
];
const known = new Set([...read, ...passedOver].map((key) => prefix + key));

const revisionAnnotations = z
  .object({
    [`${prefix}min-scale`]: scale.default(0),
    [`${prefix}max-scale`]: scale.default(0),
    [`${prefix}window`]: duration('6s', 6_000).default(60_000),
    [retention]: duration('0s', 0).default(0),
  })
  .catchall(z.string())
  .superRefine((annotations, context) => {
    for (const key of Object.keys(annotations)) {
      if (!key.startsWith(prefix) || known.has(key)) continue;
      context.addIssue({ code: 'custom', path: [key], message: 'unknown autoscaling annotation' });
    }
  })
  .transform((annotations) => ({
    minScale: Number(annotations[`${prefix}min-scale`]),
    maxScale: Number(annotations[`${prefix}max-scale`]),
    /** Idle time until the last instance goes: the stable window, and what it is kept beyond. */
    sleepAfterMs: Number(annotations[`${prefix}window`]) + Number(annotations[retention]),
  }));

const container = z
  .looseObject({ env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })).default([]) })
  .transform(({ env }, context) => {
    const functionName = env.find((variable) => variable.name === 'FUNCTION')?.value;
    if (functionName === undefined) context.addIssue({ code: 'custom', path: ['env'], message: 'must set FUNCTION' });
    return functionName ?? '';
  });

export const service = z.strictObject({
  apiVersion: z.literal('serving.knative.dev/v1'),
  kind: z.literal('Service'),
  metadata: metadata.superRefine(({ annotations }, context) => {
    // The webhook of Serving refuses these too: they belong to the revision.
    for (const key of Object.keys(annotations ?? {}).filter((one) => one.startsWith(prefix))) {
      context.addIssue({ code: 'custom', path: ['annotations', key], message: 'belongs under spec.template.metadata' });
    }
  }),
  spec: z.strictObject({
    template: z.strictObject({
      metadata: z
        .strictObject({ labels: labels.optional(), annotations: revisionAnnotations.prefault({}) })
        .prefault({}),
      /** Of the pod's specification only what changes behaviour in one process is read. */
      spec: z.looseObject({
        containerConcurrency: z.int().min(0).max(1_000).default(0),
        timeoutSeconds: z.int().min(1).default(300),
        containers: z.tuple([container], 'must hold one container'),
      }),
    }),
  }),
});

export type ServiceDocument = z.infer<typeof service>;
