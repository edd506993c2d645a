import { z } from 'zod';
import { kubectl } from '../kubectl.ts';

/** Where Traefik is reached; names are sent as Host. */
export const gatewaySetting = z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:8080');

/** The name that a Knative Service has outside. */
export async function hostOf(service: string, namespace = 'fleet'): Promise<string> {
  return new URL(await kubectl(['-n', namespace, 'get', `ksvc/${service}`, '-o', 'jsonpath={.status.url}'])).host;
}

export interface ServicePod {
  service: string;
  /** On its way out: no request comes to it any more. */
  ending: boolean;
}

/** The pods of a namespace's Knative Services, or of one of them. */
export async function podsOf(namespace = 'fleet', service?: string): Promise<ServicePod[]> {
  const label = 'serving.knative.dev/service';
  const selector = service === undefined ? label : `${label}=${service}`;
  const { items } = JSON.parse(await kubectl(['-n', namespace, 'get', 'pods', '-l', selector, '-o', 'json'])) as {
    items: { metadata: { labels: Record<string, string>; deletionTimestamp?: string } }[];
  };
  return items.map(({ metadata: { labels, deletionTimestamp } }) => ({
    service: labels[label] ?? '',
    ending: deletionTimestamp !== undefined,
  }));
}
