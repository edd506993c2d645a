import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inventory, type InventoryOptions } from './inventory.ts';
import { formOf, type Rendering, renderList, renderObject } from './negotiation.ts';
import { type Asked, askedFor, fixedAnswer, roots } from './paths.ts';
import { apiVersionOf, nameOf, type Resource } from './resources.ts';
import { fieldSelector, labelSelector, type Selector, SelectorError } from './selectors.ts';
import { type Status, statusBody } from './status.ts';
import { serveWatch } from './watch.ts';

/** Operators have a few; each holds a connection. */
const maxWatches = 64;
/** While somebody watches, the runtime is looked at this often, ms. */
const refreshMs = 500;
/** A watch that sets no end; an API server takes 30 to 60 minutes, ms. */
const watchMs = 30 * 60_000;

/** A read-only slice of the Kubernetes API over what runs here, enough for `kn` and `kubectl get`. */
export class KubeApi {
  readonly #inventory: Inventory;
  readonly #options: InventoryOptions;
  readonly #watches = new Set<() => void>();
  #stopTimer: (() => void) | undefined;

  constructor(options: InventoryOptions) {
    this.#options = options;
    this.#inventory = new Inventory(options);
  }

  /** Answers what is the API's; what is not goes to `next`. */
  readonly handle = (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const [path = '', search = ''] = (request.url ?? '').split('?', 2);
    const segments = path.split('/').filter((segment) => segment !== '');
    // The ingress has the paths of two segments for itself: no object of the API is made by a POST to one.
    if (!roots.has(segments[0] ?? '') || (request.method === 'POST' && segments.length === 2)) return void next();
    if (request.method !== 'GET' && request.method !== 'HEAD') return void fail(response, readOnly);
    try {
      const { accept } = request.headers;
      const all = formOf(accept, ['aggregated']) === 'aggregated';
      const fixed = fixedAnswer(segments, all);
      if (fixed !== undefined) return void answer(response, 200, fixed, all ? aggregatedType : jsonType);
      const asked = askedFor(segments);
      if (asked === undefined) return void fail(response, noPath);
      this.#serve(asked, new URLSearchParams(search), accept, response);
    } catch (error) {
      if (!(error instanceof SelectorError)) throw error;
      fail(response, { code: 400, message: error.message });
    }
  };

  /** Looks at the runtime anew, and tells those who watch what has changed. */
  refresh(): void {
    this.#inventory.refresh();
  }

  /** Ends all watches. */
  close(): void {
    this.#stopTimer?.();
    for (const end of this.#watches) end();
  }

  #serve(asked: Asked, query: URLSearchParams, accept: string | undefined, response: ServerResponse): void {
    const { resource, namespace, name } = asked;
    const { store } = this.#inventory;
    const form = formOf(accept, ['table', 'partial']);
    if (form === undefined) return void fail(response, notAcceptable);
    this.refresh();
    const include = query.get('includeObject');
    const rendering: Rendering = {
      resource,
      apiVersion: apiVersionOf(resource, asked.version),
      form,
      include: include === 'None' || include === 'Object' ? include : 'Metadata',
      nowMs: this.#options.clock.now(),
    };
    const selects = selectorOf(asked, query);
    if (isOn(query.get('watch'))) return void this.#watch(rendering, selects, query, response);
    if (name !== undefined) {
      const object = store.get(nameOf(resource), namespace, name);
      if (object === undefined) return void fail(response, noObject(resource, name));
      return void answer(response, 200, renderObject(object, rendering));
    }
    const objects = store.list(nameOf(resource)).filter(selects);
    answer(response, 200, renderList(objects, String(store.version), rendering));
  }

  #watch(rendering: Rendering, selects: Selector, query: URLSearchParams, response: ServerResponse): void {
    if (this.#watches.size >= maxWatches) {
      return void fail(response, { code: 429, message: `there are ${maxWatches} watches already` });
    }
    const timeoutMs = Number(query.get('timeoutSeconds')) * 1_000;
    const end = serveWatch(response, {
      store: this.#inventory.store,
      clock: this.#options.clock,
      rendering,
      selects,
      from: query.get('resourceVersion') || undefined,
      initialEvents: isOn(query.get('sendInitialEvents')),
      bookmarks: isOn(query.get('allowWatchBookmarks')),
      timeoutMs: timeoutMs > 0 && timeoutMs < watchMs ? timeoutMs : watchMs,
    });
    this.#watches.add(end);
    response.on('close', () => this.#watches.delete(end));
    if (this.#stopTimer === undefined) this.#keepFresh();
  }

  #keepFresh(): void {
    this.#stopTimer = this.#options.clock.after(refreshMs, () => {
      this.#stopTimer = undefined;
      if (this.#watches.size === 0) return;
      this.refresh();
      this.#keepFresh();
    });
  }
}

function selectorOf({ resource, namespace, name }: Asked, query: URLSearchParams): Selector {
  const byLabel = labelSelector(query.get('labelSelector') ?? '');
  // Those of events may be by what they are about; there are none.
  const byField = resource.kind === 'Event' ? () => true : fieldSelector(query.get('fieldSelector') ?? '');
  return (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) &&
    (name === undefined || object.metadata.name === name) &&
    byLabel(object) &&
    byField(object);
}

const readOnly: Status = {
  code: 405,
  message: 'read-only: what runs here is written in the YAML of eventing/ and functions/',
};
const noPath: Status = { code: 404, message: 'the server could not find the requested resource' };
const notAcceptable: Status = { code: 406, message: 'only JSON is served: application/json' };

function noObject(resource: Resource, name: string): Status {
  const { group, plural: kind } = resource;
  return { code: 404, message: `${nameOf(resource)} "${name}" not found`, details: { name, group, kind } };
}

const isOn = (value: string | null) => value === 'true' || value === '1';

const jsonType = 'application/json';
/** By this clients tell the one form of discovery from the other. */
const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

function answer(response: ServerResponse, status: number, body: object | string, type = jsonType): void {
  const text = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`;
  response
    .writeHead(status, {
      'content-type': typeof body === 'string' ? 'text/plain' : type,
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
    })
    .end(text);
}

function fail(response: ServerResponse, status: Status): void {
  answer(response, status.code, statusBody(status));
}
