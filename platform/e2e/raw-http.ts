import { connect } from 'node:net';

/** An answer as it came over the socket. */
export interface RawAnswer {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  body: string;
}

/** Longer than anything the server waits for, ms. */
const patienceMs = 25_000;

/** Writes bytes to a socket, waits for one answer, and closes it. Nothing is added to the bytes. */
export function exchange(url: string, request: Uint8Array): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(Number(port), hostname, () => socket.write(request));
    const end = (settle: () => void) => {
      clearTimeout(giveUp);
      socket.destroy();
      settle();
    };
    const giveUp = setTimeout(
      () => end(() => reject(new Error(`no answer in ${patienceMs} ms: ${received}`))),
      patienceMs,
    );
    socket.setEncoding('latin1').on('data', (text) => {
      received += text;
      const answer = parse(received);
      if (answer) end(() => resolve(answer));
    });
    // A server that has answered and closed may meet what we still send.
    socket.on('error', (error) => end(() => reject(error)));
    socket.on('close', () => end(() => reject(new Error(`closed without an answer: ${received}`))));
  });
}

/** Undefined until all of it is there. */
function parse(text: string): RawAnswer | undefined {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  if (rest.length === 0) return undefined;
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const body = rest.join('\r\n\r\n');
  if (body.length < Number(headers['content-length'] ?? 0)) return undefined;
  return { status: Number(statusLine.split(' ')[1]), headers, body: Buffer.from(body, 'latin1').toString() };
}
