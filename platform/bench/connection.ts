import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** One keep-alive connection with one request under way at a time: as little work as HTTP/1.1 leaves to a client. */
export class Connection {
  readonly #socket: Socket;
  #pending = '';
  #settle: { resolve(status: number): void; reject(error: Error): void } | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true).setEncoding('latin1');
    socket.on('data', (chunk: string) => this.#take(chunk));
    socket.on('error', (error) => this.#settle?.reject(error));
    socket.on('close', () => this.#settle?.reject(new Error('the server closed the connection')));
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Connection(socket);
  }

  /** Sends a request; resolves with the status when the whole answer is there. */
  send(request: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#socket.write(request, 'latin1');
    });
  }

  close(): void {
    this.#settle = undefined;
    this.#socket.destroy();
  }

  #take(chunk: string): void {
    this.#pending += chunk;
    const headEnd = this.#pending.indexOf('\r\n\r\n');
    if (headEnd === -1) return;
    // Both servers answer with a length; what comes without one would wait here for ever, and fail by the timeout.
    const length = /^content-length: *(\d+)/im.exec(this.#pending.slice(0, headEnd))?.[1];
    if (length === undefined || this.#pending.length < headEnd + 4 + Number(length)) return;
    const status = Number(this.#pending.slice(9, 12));
    this.#pending = '';
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.resolve(status);
  }
}
