import type { KubeObject } from './object-store.ts';
import type { Resource } from './resources.ts';
import { partialOf, type RowObject, tableOf } from './table.ts';

/** The forms that an answer can have; undefined where a client takes none of them. */
export type Form = 'json' | 'table' | 'partial' | 'aggregated';

/** The first form of an Accept header that there is here; `allowed` beside plain JSON. */
export function formOf(accept: string | undefined, allowed: readonly Form[]): Form | undefined {
  for (const range of (accept || '*/*').split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    if (!['application/json', 'application/*', '*/*'].includes(type)) continue;
    const as = parameters.find((parameter) => parameter.startsWith('as='))?.slice(3);
    const form = as === undefined ? 'json' : forms[as];
    const v = parameters.find((parameter) => parameter.startsWith('v='))?.slice(2);
    if (form === 'json' || (form && allowed.includes(form) && (form !== 'aggregated' || v === 'v2'))) return form;
  }
  return undefined;
}

const forms: Record<string, Form> = {
  table: 'table',
  partialobjectmetadata: 'partial',
  partialobjectmetadatalist: 'partial',
  apigroupdiscoverylist: 'aggregated',
};

export interface Rendering {
  resource: Resource;
  /** As `sources.knative.dev/v1beta2`: an object is served in every version of its resource. */
  apiVersion: string;
  form: Form;
  include: RowObject;
  nowMs: number;
}

export function renderObject(object: KubeObject, { resource, apiVersion, form, include, nowMs }: Rendering): object {
  const { metadata } = object;
  if (form === 'table') return tableOf(resource, [object], { version: metadata.resourceVersion, nowMs, include });
  return form === 'partial' ? partialOf(object) : { ...object, apiVersion };
}

export function renderList(objects: readonly KubeObject[], version: string, rendering: Rendering): object {
  const { resource, apiVersion, form, include, nowMs } = rendering;
  if (form === 'table') return tableOf(resource, objects, { version, nowMs, include });
  const partial = form === 'partial';
  return {
    kind: partial ? 'PartialObjectMetadataList' : `${resource.kind}List`,
    apiVersion: partial ? 'meta.k8s.io/v1' : apiVersion,
    metadata: { resourceVersion: version },
    items: objects.map((object) => renderObject(object, rendering)),
  };
}
