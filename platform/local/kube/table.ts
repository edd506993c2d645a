import { humanDuration } from './human-duration.ts';
import type { KubeObject } from './object-store.ts';
import type { Column, Resource } from './resources.ts';

/** What of an object goes with its row. */
export type RowObject = 'None' | 'Metadata' | 'Object';

/** Objects as the rows that `kubectl get` prints (Kubernetes API, "Receiving resources as Tables"). */
export function tableOf(
  resource: Resource,
  objects: readonly KubeObject[],
  { version, nowMs, include }: { version: string; nowMs: number; include: RowObject },
) {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: version },
    columnDefinitions: [
      { name: 'Name', type: 'string', format: 'name', description: `Name of the ${resource.kind}`, priority: 0 },
      ...resource.columns.map(({ name, type, jsonPath, priority = 0 }) => ({
        name,
        type,
        format: '',
        description: jsonPath,
        priority,
      })),
    ],
    rows: objects.map((object) => ({
      cells: [object.metadata.name, ...resource.columns.map((column) => cell(object, column, nowMs))],
      ...(include === 'Object' && { object }),
      ...(include === 'Metadata' && { object: partialOf(object) }),
    })),
  };
}

/** An object without spec and status. */
export function partialOf({ metadata }: KubeObject) {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}

function cell(object: KubeObject, { type, jsonPath }: Column, nowMs: number): string | number | null {
  const value = valueAt(object, jsonPath);
  if (value === undefined || value === null) return null;
  if (type === 'date') return humanDuration(nowMs - Date.parse(String(value)));
  return type === 'integer' ? Number(value) : String(value);
}

const step = /\.((?:\\.|[^.[\\])+)|\['((?:\\.|[^'\\])+)'\]|\[\?\(@\.(\w+)=='([^']*)'\)\]/gy;

/** The value at a JSONPath of the forms that columns have: fields, fields in quotes, and the first with a value. */
export function valueAt(object: unknown, jsonPath: string): unknown {
  let value = object;
  for (const [, plain, quoted, field, wanted] of jsonPath.matchAll(step)) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (field !== undefined) value = (value as Record<string, unknown>[]).find?.((one) => one[field] === wanted);
    else value = (value as Record<string, unknown>)[(plain ?? quoted ?? '').replace(/\\(.)/g, '$1')];
  }
  return value;
}
