import { z } from 'zod';
import { metadata, name } from './metadata-schema.ts';

/**
 * Servers outside of this process, as Kubernetes names them: a Service of type ExternalName, or one without a selector
 * beside an EndpointSlice with addresses (Kubernetes, "Services without selectors"). Knative calls port 80 of a Service
 * whatever its ports (resolver: addressableFromDestinationRef), so that this port has to be there.
 */

const calledPort = 80;

const servicePort = z.strictObject({
  name: z.string().optional(),
  port: z.int().min(1).max(65_535),
  protocol: z.literal('TCP').optional(),
  /** Of pods; an EndpointSlice names its ports itself. */
  targetPort: z.union([z.int(), z.string()]).optional(),
  appProtocol: z.string().optional(),
});

const host = z
  .string()
  .regex(/^(?=.{1,253}$)[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/i, 'must be a host name, without scheme and port')
  // 1.2.3.999 looks like a name, and is one that nothing can be sent to.
  .refine((one) => URL.canParse(`http://${one}`), 'must be a host name or an address');

export const externalService = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('Service'),
  metadata,
  spec: z
    .strictObject({
      type: z.enum(['ExternalName', 'ClusterIP']).default('ClusterIP'),
      externalName: host.optional(),
      selector: z.undefined('selects pods, and there are none here').optional(),
      ports: z.array(servicePort).default([]),
    })
    .superRefine(({ type, externalName, ports }, context) => {
      const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
      if ((type === 'ExternalName') !== (externalName !== undefined))
        refuse('externalName', 'goes with the type ExternalName');
      else if (type === 'ExternalName' && ports.some(({ port }) => port !== calledPort))
        refuse('ports', `a name is called on port ${calledPort}; for another, use an EndpointSlice`);
      else if (type === 'ClusterIP' && !ports.some(({ port }) => port === calledPort))
        refuse('ports', `must have port ${calledPort}, which is the one that events are sent to`);
    }),
});
export type ExternalServiceDocument = z.infer<typeof externalService>;

const serviceName = 'kubernetes.io/service-name';

export const endpointSlice = z
  .strictObject({
    apiVersion: z.literal('discovery.k8s.io/v1'),
    kind: z.literal('EndpointSlice'),
    metadata,
    addressType: z.enum(['IPv4', 'IPv6', 'FQDN']),
    endpoints: z
      .array(
        z.strictObject({
          addresses: z.array(z.union([z.ipv4(), z.ipv6(), host])).min(1),
          conditions: z.strictObject({ ready: z.boolean().optional() }).optional(),
        }),
      )
      .default([]),
    ports: z
      .array(
        z.strictObject({
          name: z.string().optional(),
          port: z.int().min(1).max(65_535),
          protocol: z.literal('TCP').optional(),
          appProtocol: z.string().optional(),
        }),
      )
      .default([]),
  })
  .superRefine(({ metadata: { labels } }, context) => {
    if (name.safeParse(labels?.[serviceName]).success) return;
    context.addIssue({ code: 'custom', path: ['metadata', 'labels', serviceName], message: 'must name a Service' });
  });
export type EndpointSliceDocument = z.infer<typeof endpointSlice>;

/**
 * The address a Service leads to, as `http://host:port`; undefined where no address is ready. The first ready endpoint
 * is taken: spreading load is a cluster's work.
 */
export function externalUrl(
  { metadata: { namespace, name: own }, spec }: ExternalServiceDocument,
  slices: readonly EndpointSliceDocument[],
): string | undefined {
  if (spec.externalName !== undefined) return `http://${spec.externalName}`;
  const portName = spec.ports.find(({ port }) => port === calledPort)?.name ?? '';
  for (const slice of slices) {
    if (slice.metadata.namespace !== namespace || slice.metadata.labels?.[serviceName] !== own) continue;
    const port = slice.ports.find((one) => (one.name ?? '') === portName)?.port;
    const address = slice.endpoints.find(({ conditions }) => conditions?.ready !== false)?.addresses[0];
    if (port === undefined || address === undefined) continue;
    return `http://${slice.addressType === 'IPv6' ? `[${address}]` : address}:${port}`;
  }
  return undefined;
}
