import type { Sink } from './sink.ts';

/** Gets each complete message. */
export type OnMessage = (ecu: string, bytes: Uint8Array) => void;

interface Transfer {
  readonly bytes: Uint8Array;
  filled: number;
  /** Sequence number the next frame must have. */
  next: number;
}

/** Largest message of classical ISO-TP: twelve bits of length (ISO 15765-2, 9.6.3). */
export const ISO_TP_LIMIT = 4095;

/** Put the frames of each ECU together again; frames of several ECUs may come in any order. */
export class IsoTpReassembler {
  readonly #transfers = new Map<string, Transfer>();
  readonly #onMessage: OnMessage;

  constructor(onMessage: OnMessage) {
    this.#onMessage = onMessage;
  }

  /** `data` starts with the protocol control byte. Bytes after the announced length are padding. */
  add(ecu: string, data: Uint8Array, sink: Sink): void {
    const control = data[0];
    if (control === undefined || data.length > 8) {
      sink.error('bad-frame', `a frame has 1 to 8 bytes, not ${data.length}`, { ecu });
      return;
    }
    switch (control >> 4) {
      case 0:
        this.#single(ecu, data, sink);
        return;
      case 1:
        this.#first(ecu, data, sink);
        return;
      case 2:
        this.#consecutive(ecu, data, sink);
        return;
      case 3:
        // Flow control belongs to the other direction and says nothing about the answer.
        return;
      default:
        sink.error('bad-frame', `no frame type ${control >> 4}`, { ecu });
    }
  }

  /** No more frames will come. */
  finish(sink: Sink): void {
    for (const ecu of [...this.#transfers.keys()]) this.#drop(ecu, sink);
  }

  #single(ecu: string, data: Uint8Array, sink: Sink): void {
    this.#drop(ecu, sink);
    const length = (data[0] ?? 0) & 15;
    if (length === 0 || length > 7) {
      sink.error('bad-frame', `a single frame holds 1 to 7 bytes, not ${length}`, { ecu });
    } else if (data.length < 1 + length) {
      sink.error('short-data', `${length} bytes announced, ${data.length - 1} given`, { ecu });
    } else {
      this.#onMessage(ecu, data.subarray(1, 1 + length));
    }
  }

  #first(ecu: string, data: Uint8Array, sink: Sink): void {
    this.#drop(ecu, sink);
    const length = (((data[0] ?? 0) & 15) << 8) | (data[1] ?? 0);
    if (length < 8 || data.length !== 8) {
      sink.error('bad-frame', `a first frame has 8 bytes and announces at least 8`, { ecu });
      return;
    }
    const bytes = new Uint8Array(length);
    bytes.set(data.subarray(2));
    this.#transfers.set(ecu, { bytes, filled: 6, next: 1 });
  }

  #consecutive(ecu: string, data: Uint8Array, sink: Sink): void {
    const transfer = this.#transfers.get(ecu);
    const sequence = (data[0] ?? 0) & 15;
    if (transfer === undefined || sequence !== transfer.next) {
      this.#transfers.delete(ecu);
      sink.error('out-of-sequence', `frame ${sequence} was not expected`, { ecu });
      return;
    }
    const part = data.subarray(1, 1 + transfer.bytes.length - transfer.filled);
    transfer.bytes.set(part, transfer.filled);
    transfer.filled += part.length;
    transfer.next = (sequence + 1) & 15;
    if (transfer.filled < transfer.bytes.length) {
      // Only the last frame may be short; a gap would shift everything after it.
      if (part.length < 7) {
        this.#transfers.delete(ecu);
        sink.error('short-data', `frame ${sequence} is short`, { ecu });
      }
      return;
    }
    this.#transfers.delete(ecu);
    this.#onMessage(ecu, transfer.bytes);
  }

  #drop(ecu: string, sink: Sink): void {
    const transfer = this.#transfers.get(ecu);
    if (transfer === undefined) return;
    this.#transfers.delete(ecu);
    sink.error('incomplete', `${transfer.filled} of ${transfer.bytes.length} bytes came`, { ecu });
  }
}

/** Split a message into frames of 8 bytes, filled up with zeros. */
export function splitIsoTp(bytes: Uint8Array): Uint8Array[] {
  if (bytes.length <= 7) return [frame([bytes.length], bytes)];
  const frames = [frame([0x10 | (bytes.length >> 8), bytes.length & 0xff], bytes.subarray(0, 6))];
  for (let at = 6, sequence = 1; at < bytes.length; at += 7, sequence++) {
    frames.push(frame([0x20 | (sequence & 15)], bytes.subarray(at, at + 7)));
  }
  return frames;
}

function frame(control: readonly number[], part: Uint8Array): Uint8Array {
  const data = new Uint8Array(8);
  data.set(control);
  data.set(part, control.length);
  return data;
}
