import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type ProblemCode, problem } from '../../functions/lib/problem.ts';
import { send } from './http.ts';

/** Request line and headers together. */
export const maxHeaderBytes = 16_384;

/** Answers what is wrong with a request's headers before anything else looks at it. */
export function withSoundHeaders(app: RequestListener): RequestListener {
  return (request, response) => {
    const detail = headerFault(request);
    if (detail === undefined) app(request, response);
    else void refuse(request, response, detail);
  };
}

/**
 * Answers for Node's parser, which finds these before there is a request: as problem+json, and closes the connection,
 * for nobody knows where the next request would begin.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket & { _httpMessage?: ServerResponse }) {
  // What was answered already cannot be answered again.
  if (error.code === 'ECONNRESET' || !socket.writable || socket._httpMessage?.headersSent) return socket.destroy();
  const [code, detail] = kinds[error.code ?? ''] ?? malformed;
  const { status, headers, body } = problem(code, { detail, headers: { connection: 'close' } });
  const all = { ...headers, 'content-length': Buffer.byteLength(String(body)) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${phrases[status]}\r\n${lines.join('')}\r\n${body}`, () => socket.destroy());
}

type Answered = [code: ProblemCode, detail: string];

const malformed: Answered = ['invalid-request', 'this is not HTTP/1.1 (RFC 9112)'];
const tooLarge: Answered = ['headers-too-large', `the request line and headers have at most ${maxHeaderBytes} bytes`];
/** By the codes of Node and its parser. */
const kinds: Record<string, Answered> = {
  HPE_HEADER_OVERFLOW: tooLarge,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: tooLarge,
  ERR_HTTP_REQUEST_TIMEOUT: ['timeout', 'the request did not arrive within its time'],
};
const phrases: Record<number, string> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

function headerFault({ rawHeaders, headers, httpVersion }: IncomingMessage): string | undefined {
  // RFC 9112 §3.2.
  if (headers.host === undefined && httpVersion === '1.1') return 'there is no Host header';
  // Node keeps one of each name: the first, or all of them joined.
  if (rawHeaders.length === 2 * Object.keys(headers).length) return undefined;
  const seen = new Set<string>();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]?.toLowerCase() ?? '';
    if (seen.has(name) && isSingle(name)) return `the header ${name} is there twice`;
    seen.add(name);
  }
  return undefined;
}

/** Of these, who reads the first and who reads the last would understand different requests. */
function isSingle(name: string): boolean {
  return name === 'host' || name === 'authorization' || name === 'content-type' || name.startsWith('ce-');
}

function refuse(request: IncomingMessage, response: ServerResponse, detail: string): Promise<void> {
  const instance = (request.url ?? '').split('?', 1)[0];
  return send(response, problem('invalid-request', { detail, instance, headers: { connection: 'close' } }));
}
