import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { IngestLimits } from '../lib/telemetry/limits.ts';
import { IngestRefusal } from './refusal.ts';

const inflate = promisify(gunzip);

/** How the events stand in a body: CloudEvents HTTP binding §3.1–3.3, or plain JSON without an envelope. */
export type ContentMode = 'structured' | 'batch' | 'binary' | 'plain';

type Headers = Record<string, string | undefined>;

/** Media types that alone say the mode. */
const modeByMedia: ReadonlyMap<string, ContentMode> = new Map([
  ['application/cloudevents+json', 'structured'],
  ['application/cloudevents-batch+json', 'batch'],
]);

/** The content mode that the headers announce. Throws `unsupported-media-type` or `invalid-request`. */
export function contentMode(headers: Headers): ContentMode {
  const contentType = headers['content-type'];
  if (contentType === undefined) {
    if (headers['ce-specversion'] !== undefined) return 'binary';
    throw new IngestRefusal('invalid-request', 'there is neither a content-type nor a ce-specversion header');
  }
  // As nearly every client writes them, they need not be taken apart.
  const usual = modeByMedia.get(contentType);
  if (usual !== undefined) return usual;
  const [media = '', ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  if (charset !== undefined && charset.replaceAll('"', '') !== 'utf-8') {
    throw new IngestRefusal('unsupported-media-type', 'the charset must be utf-8');
  }
  const mode = modeByMedia.get(media);
  if (mode !== undefined) return mode;
  if (media === 'application/json') return headers['ce-specversion'] === undefined ? 'plain' : 'binary';
  throw new IngestRefusal(
    'unsupported-media-type',
    'content-type must be application/cloudevents+json, application/cloudevents-batch+json or application/json',
  );
}

/**
 * The body, inflated within the limit; at once where nothing is to be inflated. Throws or rejects with
 * `payload-too-large`, `unsupported-media-type`, `invalid-request`.
 */
export function bodyBytes(headers: Headers, body: Uint8Array, limits: IngestLimits): Uint8Array | Promise<Uint8Array> {
  const encoding = (headers['content-encoding'] ?? 'identity').toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip') {
    throw new IngestRefusal('unsupported-media-type', 'content-encoding must be gzip or absent');
  }
  return encoding === 'gzip' ? inflated(body, limits.inflatedBytes).then(notEmpty) : notEmpty(body);
}

function notEmpty(body: Uint8Array): Uint8Array {
  if (body.length === 0) throw new IngestRefusal('invalid-request', 'the body is empty');
  return body;
}

let lastTurn: Promise<unknown> = Promise.resolve();

/** One body after the other: what each may hold while it grows is the limit, and a hundred bombs at once would hold all of it. */
function inflated(body: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  const turn = lastTurn.then(() => inflateOne(body, maxBytes));
  lastTurn = turn.catch(() => {});
  return turn;
}

async function inflateOne(body: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  try {
    return await inflate(body, { maxOutputLength: maxBytes });
  } catch (cause) {
    if ((cause as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new IngestRefusal('payload-too-large', `the body is over ${maxBytes} bytes when inflated`);
    }
    throw new IngestRefusal('invalid-request', 'the body is not valid gzip');
  }
}
