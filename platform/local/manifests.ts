import { glob, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Document, LineCounter, parseAllDocuments } from 'yaml';
import type { z } from 'zod';
import { ManifestError } from './errors.ts';
import {
  type BrokerDocument,
  type EndpointSliceDocument,
  type ExternalServiceDocument,
  kinds,
  type PingSourceDocument,
  type ServiceDocument,
  type TriggerDocument,
} from './manifest-schema.ts';

/** The manifests of a checkout, checked one by one and against each other. */
export interface Manifests {
  brokers: BrokerDocument[];
  triggers: TriggerDocument[];
  pingSources: PingSourceDocument[];
  services: ServiceDocument[];
  /** Servers outside of this process, and their addresses. */
  externalServices: ExternalServiceDocument[];
  endpointSlices: EndpointSliceDocument[];
  /** Every resource as it is written. */
  written: WrittenResource[];
}

/** A resource as its file has it, with what kubectl would default. */
export interface WrittenResource {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string; [key: string]: unknown };
  [key: string]: unknown;
}

type Manifest =
  | BrokerDocument
  | TriggerDocument
  | PingSourceDocument
  | ServiceDocument
  | ExternalServiceDocument
  | EndpointSliceDocument;

/** A manifest with the way back to where it is written. */
interface Placed {
  document: Manifest;
  written: WrittenResource;
  refuse(path: PropertyKey[], detail: string): never;
}

/** Where manifests are, below a checkout. */
export const manifestFiles = ['eventing/*.yaml', 'functions/*/service.yaml'];
/** Far more than anybody writes by hand; a folder of something else is not read into memory. */
const maxFiles = 500;
const maxFileBytes = 1_048_576;

/**
 * Reads `eventing/*.yaml` and `functions/<name>/service.yaml` below `root`; kustomizations are passed over.
 * @param functions the names a Service's FUNCTION may have
 * @throws {ManifestError} for the first thing in them that cannot be used
 */
export async function loadManifests(root: string, functions: readonly string[]): Promise<Manifests> {
  const files: string[] = [];
  for await (const file of glob(manifestFiles, { cwd: root })) files.push(file);
  if (files.length > maxFiles) throw new ManifestError(root, '', undefined, `over ${maxFiles} manifests`);
  const placed: Placed[] = [];
  for (const file of files.sort()) placed.push(...parseManifests(file, await readManifest(root, file)));
  crossCheck(placed, functions);
  const of = <Document extends Manifest>(apiVersion: Document['apiVersion'], kind: Document['kind']) =>
    placed
      .map(({ document }) => document)
      .filter((document): document is Document => document.apiVersion === apiVersion && document.kind === kind);
  return {
    brokers: of<BrokerDocument>('eventing.knative.dev/v1', 'Broker'),
    triggers: of<TriggerDocument>('eventing.knative.dev/v1', 'Trigger'),
    pingSources: of<PingSourceDocument>('sources.knative.dev/v1', 'PingSource'),
    services: of<ServiceDocument>('serving.knative.dev/v1', 'Service'),
    externalServices: of<ExternalServiceDocument>('v1', 'Service'),
    endpointSlices: of<EndpointSliceDocument>('discovery.k8s.io/v1', 'EndpointSlice'),
    written: placed.map(({ written }) => written),
  };
}

/** The key of a resource among those of its kind, and the path of a broker at its ingress. */
export function keyOf(resource: { metadata: { namespace: string; name: string } }): string {
  return `${resource.metadata.namespace}/${resource.metadata.name}`;
}

async function readManifest(root: string, file: string): Promise<string> {
  const refuse = (detail: string): never => {
    throw new ManifestError(file, '', undefined, detail);
  };
  const { size } = await stat(join(root, file)).catch((error: Error) => refuse(error.message));
  if (size > maxFileBytes) refuse(`over ${maxFileBytes} bytes`);
  return readFile(join(root, file), 'utf8').catch((error: Error) => refuse(error.message));
}

function parseManifests(file: string, text: string): Placed[] {
  const lineCounter = new LineCounter();
  const placed: Placed[] = [];
  for (const document of parseAllDocuments(text, { lineCounter })) {
    const lineAt = (offset: number | undefined) =>
      offset === undefined ? undefined : lineCounter.linePos(offset).line;
    const [syntax] = document.errors;
    if (syntax !== undefined) throw new ManifestError(file, '', lineAt(syntax.pos[0]), firstLine(syntax.message));
    if (document.contents === null) continue;

    const refuse = (path: PropertyKey[], detail: string): never => {
      // The nearest node that is really there: a missing key has no line of its own.
      let offset: number | undefined;
      for (let length = path.length; offset === undefined && length >= 0; length -= 1) {
        const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
        offset = (node as { range?: [number, number, number] } | undefined)?.range?.[0];
      }
      throw new ManifestError(file, path.map(String).join('.'), lineAt(offset), detail);
    };
    const value = plainOf(document, refuse);
    const { apiVersion, kind } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
    if (kind === 'Kustomization') continue;
    const schema = (kinds as Record<string, z.ZodType<Manifest>>)[`${apiVersion}/${kind}`];
    if (schema === undefined) refuse(['kind'], `${apiVersion} ${kind} is not understood by this runtime`);
    const parsed = (schema as z.ZodType<Manifest>).safeParse(value);
    if (parsed.success) placed.push({ document: parsed.data, written: asWritten(value, parsed.data), refuse });
    else refuseIssue(parsed.error.issues[0], refuse);
  }
  return placed;
}

/** Aliases of aliases can come to more than memory holds; the parser counts them. */
function plainOf(document: Document, refuse: Placed['refuse']): unknown {
  try {
    return document.toJS();
  } catch (error) {
    return refuse([], (error as Error).message);
  }
}

function refuseIssue(issue: z.core.$ZodIssue | undefined, refuse: Placed['refuse']): never {
  if (issue?.code === 'unrecognized_keys') refuse([...issue.path, issue.keys[0] ?? ''], 'unknown key');
  if (issue?.code === 'invalid_key') refuse([...issue.path], issue.issues[0]?.message ?? issue.message);
  return refuse([...(issue?.path ?? [])], issue?.message ?? 'invalid');
}

/**
 * Names are taken once, and functions exist. What a ref names may be missing: on a cluster it may come later, and till
 * then the resource is not ready (topology.ts).
 */
function crossCheck(placed: Placed[], functions: readonly string[]): void {
  const known = new Set<string>();
  for (const { document, refuse } of placed) {
    const key = `${document.kind} ${keyOf(document)}`;
    if (known.has(`${document.apiVersion} ${key}`)) refuse(['metadata', 'name'], `there is a second ${key}`);
    known.add(`${document.apiVersion} ${key}`);
    // A Knative Service makes a Service of its name.
    const other = document.apiVersion === 'v1' ? 'serving.knative.dev/v1' : 'v1';
    if (document.kind === 'Service' && known.has(`${other} ${key}`)) {
      refuse(['metadata', 'name'], `there is a ${other} ${key} too`);
    }
    if (document.kind !== 'Service' || document.apiVersion === 'v1') continue;
    const path = ['spec', 'template', 'spec', 'containers', 0, 'env'];
    const [name] = document.spec.template.spec.containers;
    if (!functions.includes(name)) refuse(path, `FUNCTION ${name} is none of ${functions.join(', ')}`);
  }
}

/** The value of a document, which its schema has found good; only the namespace it left out is added. */
function asWritten(value: unknown, { metadata: { namespace } }: Manifest): WrittenResource {
  const written = value as WrittenResource;
  return { ...written, metadata: { ...written.metadata, namespace } };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
