import { ISO_TP_LIMIT } from './iso-tp.ts';
import type { Sink } from './sink.ts';

interface Message {
  /** Undefined where the adapter gave no length line. */
  readonly length: number | undefined;
  readonly parts: Uint8Array[];
  filled: number;
}

/** More ECUs than this do not answer one request (ISO 15765-4 has room for 8). */
const MOST_OPEN = 16;

/**
 * Multi-frame answers with headers off: a length line (`014`), then `0: 49 02 01 …`, `1: …` with a hex digit that
 * wraps after F. Lines of several ECUs that come mixed cannot be told apart where two messages wait for the same
 * number; both are then given up rather than guessed.
 */
export class NumberedLines {
  #open: Message[] = [];
  readonly #onMessage: (bytes: Uint8Array, exact: boolean) => void;

  constructor(onMessage: (bytes: Uint8Array, exact: boolean) => void) {
    this.#onMessage = onMessage;
  }

  /** A line of three hex digits. */
  length(length: number, sink: Sink): void {
    if (length < 8 || length > ISO_TP_LIMIT) sink.error('bad-frame', `${length} is not the length of several lines`);
    else this.#start({ length, parts: [], filled: 0 }, sink);
  }

  /** A line with its number 0 to 15. */
  line(number: number, bytes: Uint8Array, sink: Sink): void {
    const started = number === 0 ? this.#open.find((message) => message.parts.length === 0) : undefined;
    const waiting = started ?? this.#waitingFor(number, sink);
    if (waiting === 'none') {
      if (number === 0) this.#start({ length: undefined, parts: [bytes], filled: bytes.length }, sink);
      else sink.error('out-of-sequence', `line ${number} was not expected`);
    } else if (waiting !== 'several') {
      waiting.parts.push(bytes);
      waiting.filled += bytes.length;
      if (waiting.length !== undefined && waiting.filled >= waiting.length) this.#complete(waiting);
    }
  }

  /** No more lines will come. */
  finish(sink: Sink): void {
    for (const message of this.#open) {
      if (message.length === undefined) this.#onMessage(join(message), false);
      else sink.error('incomplete', `${message.filled} of ${message.length} bytes came`);
    }
    this.#open = [];
  }

  #start(message: Message, sink: Sink): void {
    if (this.#open.length < MOST_OPEN) this.#open.push(message);
    else sink.error('ambiguous', `more than ${MOST_OPEN} messages at once`);
  }

  #waitingFor(number: number, sink: Sink): Message | 'none' | 'several' {
    const waiting = this.#open.filter(({ parts }) => parts.length > 0 && (parts.length & 15) === number);
    if (waiting.length > 1) {
      this.#open = this.#open.filter((message) => !waiting.includes(message));
      sink.error('ambiguous', `line ${number} belongs to one of ${waiting.length} messages`);
      return 'several';
    }
    return waiting[0] ?? 'none';
  }

  #complete(message: Message): void {
    this.#open = this.#open.filter((other) => other !== message);
    this.#onMessage(join(message).subarray(0, message.length), true);
  }
}

function join(message: Message): Uint8Array {
  const bytes = new Uint8Array(message.filled);
  let at = 0;
  for (const part of message.parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
