import type { ServerResponse } from 'node:http';
import type { Clock } from '../../../functions/lib/ports.ts';
import { type Rendering, renderObject } from './negotiation.ts';
import type { Change, KubeObject, ObjectStore } from './object-store.ts';
import { nameOf } from './resources.ts';
import type { Selector } from './selectors.ts';
import { statusBody } from './status.ts';

export interface WatchOptions {
  store: ObjectStore;
  clock: Clock;
  rendering: Rendering;
  selects: Selector;
  /** The version the client has; undefined and 0 are none, and it is told all that there is. */
  from: string | undefined;
  /** It asks for all that there is and a mark behind it (WatchList). */
  initialEvents: boolean;
  bookmarks: boolean;
  /** Ends by itself after this, ms. */
  timeoutMs: number;
}

/** What a client may leave unread when a change comes, bytes; beyond it its watch is cut off, and it lists again. */
const maxUnreadBytes = 4_194_304;

/** Streams changes, one JSON object to a line (Kubernetes API, "Efficient detection of changes"). Answers its end. */
export function serveWatch(response: ServerResponse, options: WatchOptions): () => void {
  const { store, clock, selects, from, initialEvents, bookmarks, timeoutMs, rendering } = options;
  const resource = nameOf(rendering.resource);
  const send = (type: string, object: object) => {
    response.write(`${JSON.stringify({ type, object })}\n`);
  };
  const render = (object: KubeObject) => renderObject(object, { ...rendering, nowMs: clock.now() });
  const tell = (change: Change) => {
    if (change.resource !== resource) return;
    const event = seenAs(change, selects);
    if (event === undefined) return;
    // Not an orderly end, which would wait until all is read.
    if (response.writableLength > maxUnreadBytes) response.destroy();
    else send(event.type, render(event.object));
  };
  /** Says how far the client has come. */
  const mark = (annotations?: Record<string, string>) =>
    send('BOOKMARK', {
      kind: rendering.resource.kind,
      apiVersion: rendering.apiVersion,
      metadata: { resourceVersion: String(store.version), ...(annotations && { annotations }) },
    });

  let stopWatching = () => {};
  const cancelTimer = clock.after(timeoutMs, () => {
    if (bookmarks) mark();
    end();
  });
  const end = () => {
    cancelTimer();
    stopWatching();
    response.end();
  };
  response.on('close', end);
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.flushHeaders();

  const known = from === undefined || from === '0' || initialEvents ? undefined : store.since(Number(from));
  if (from !== undefined && from !== '0' && !initialEvents && known === undefined) {
    send('ERROR', statusBody({ code: 410, message: `too old resource version: ${from} (${store.version})` }));
    end();
    return end;
  }
  if (known === undefined) for (const object of store.list(resource).filter(selects)) send('ADDED', render(object));
  for (const change of known ?? []) tell(change);
  if (initialEvents) mark({ 'k8s.io/initial-events-end': 'true' });
  stopWatching = store.watch(tell);
  return end;
}

/** An object that begins or ceases to be selected comes and goes for who watches. */
function seenAs({ type, object, before }: Change, selects: Selector): { type: string; object: KubeObject } | undefined {
  const now = type !== 'DELETED' && selects(object);
  const then = type === 'ADDED' ? false : selects(before ?? object);
  if (now) return { type: then ? 'MODIFIED' : 'ADDED', object };
  return then ? { type: 'DELETED', object } : undefined;
}
