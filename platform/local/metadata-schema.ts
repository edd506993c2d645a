import { z } from 'zod';

/** Names of Kubernetes objects that stand in host names (RFC 1123 label). */
export const name = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be a DNS label');
export const labels = z.record(z.string(), z.string());

/** What kubectl defaults is defaulted alike. */
export const metadata = z.strictObject({
  name,
  namespace: name.default('default'),
  labels: labels.optional(),
  annotations: labels.optional(),
});
