import { readWords } from './adapter-words.ts';
import type { Answer } from './answer.ts';
import { decodePayload } from './decode-payload.ts';
import { canRole, ecuName, quote, readLegacyFrame } from './header.ts';
import { IsoTpReassembler } from './iso-tp.ts';
import { LegacyInfo } from './legacy-info.ts';
import { NumberedLines } from './numbered-lines.ts';
import { Sink } from './sink.ts';

/** Longest text that is looked at: the longest ISO-TP message takes 14 KiB with headers and spaces. */
export const TEXT_LIMIT = 65_536;

/**
 * Decode what an ELM327 or compatible adapter sent: with or without spaces, headers, echo and prompt, on CAN (11 and
 * 29 bit) and older buses, one or several ECUs. Never throws: what cannot be understood is in `errors`, and the rest
 * is still decoded. Text above {@link TEXT_LIMIT} characters gives the one error `input-too-large`.
 */
export function decodeAnswer(text: string): Answer {
  const sink = new Sink();
  if (typeof text !== 'string' || text.length > TEXT_LIMIT) {
    sink.error('input-too-large', `only text of up to ${TEXT_LIMIT} characters is decoded`);
    return sink.answer();
  }
  const reader = new AnswerReader(sink);
  let from = 0;
  for (let at = 0; at <= text.length; at++) {
    const char = at === text.length ? 13 : text.charCodeAt(at);
    // CR, LF, the prompt and NUL (which some clones send) end a line.
    if (char !== 13 && char !== 10 && char !== 62 && char !== 0) continue;
    if (at > from) reader.line(text.slice(from, at).trim());
    from = at + 1;
  }
  reader.finish();
  return sink.answer();
}

/** Longest line that is searched for words: the adapter's own have some 30 characters. */
const WORDS_LIMIT = 256;

/** Reads line after line and brings together what belongs together. */
class AnswerReader {
  readonly #sink: Sink;
  readonly #legacy = new LegacyInfo();
  readonly #isoTp: IsoTpReassembler;
  readonly #numbered: NumberedLines;

  constructor(sink: Sink) {
    this.#sink = sink;
    this.#isoTp = new IsoTpReassembler((ecu, bytes) => this.#payload(ecu, bytes, true));
    this.#numbered = new NumberedLines((bytes, exact) => this.#payload(undefined, bytes, exact));
  }

  line(line: string): void {
    if (line === '') return;
    this.#sink.line = line;
    const digits = readDigits(line);
    if (digits !== undefined) this.#data(digits);
    else if (line.length > WORDS_LIMIT) this.#sink.error('unrecognised-line', line);
    else this.#other(line.toUpperCase());
  }

  finish(): void {
    this.#sink.line = undefined;
    this.#isoTp.finish(this.#sink);
    this.#numbered.finish(this.#sink);
    this.#legacy.finish(this.#sink);
  }

  #payload(ecu: string | undefined, bytes: Uint8Array, exact: boolean): void {
    decodePayload({ ecu, bytes, exact }, this.#legacy, this.#sink);
  }

  /** A line that is not hex throughout: numbered, or the adapter's words. */
  #other(line: string): void {
    const number = /^([0-9A-F]):/.exec(line)?.[1];
    if (number !== undefined) {
      const digits = readDigits(line.slice(2));
      if (digits !== undefined && digits.length % 2 === 0) {
        this.#numbered.line(Number.parseInt(number, 16), bytesOf(digits, 0), this.#sink);
        return;
      }
    }
    const words = readWords(line);
    if (words.kind === 'error') this.#sink.error(words.code, line);
    else if (words.kind === 'none') this.#sink.error('unrecognised-line', line);
    else if (words.data !== '') this.line(words.data);
  }

  /** A line of hex digits. Only an 11-bit header makes their number odd. */
  #data(digits: Uint8Array): void {
    if (digits.length === 3) this.#numbered.length(numberOf(digits, 3), this.#sink);
    else if (digits.length % 2 === 1) this.#shortHeader(digits);
    else if (digits[0] === 1 && digits[1] === 8 && digits.length > 8)
      this.#can(numberOf(digits, 8), bytesOf(digits, 8));
    else this.#bare(bytesOf(digits, 0));
  }

  #shortHeader(digits: Uint8Array): void {
    // An echo may end in a digit that limits the number of answers: 010C1.
    if (digits[0] === 0 && digits.length <= 15) return;
    if (digits.length < 5) this.#sink.error('unrecognised-line', 'no answer is this short');
    else this.#can(numberOf(digits, 3), bytesOf(digits, 3));
  }

  #can(id: number, data: Uint8Array): void {
    const role = canRole(id);
    if (role === 'answer') this.#isoTp.add(ecuName(id), data, this.#sink);
    else if (role === 'other') this.#sink.error('unknown-header', `${ecuName(id)} is not of an OBD answer`);
  }

  #bare(bytes: Uint8Array): void {
    const service = bytes[0] ?? 0;
    const legacy = readLegacyFrame(bytes);
    if (legacy !== undefined) {
      if (legacy.checksumOk) this.#payload(legacy.ecu, legacy.bytes, true);
      else this.#sink.error('bad-checksum', quote(bytes), { ecu: legacy.ecu });
    } else if ((service >= 0x41 && service <= 0x4a) || service === 0x7f) {
      this.#payload(undefined, bytes, false);
    } else if (service === 0 || service > 0x0a || bytes.length > 7) {
      // Modes 01 to 0A in up to 7 bytes are the echo of a request.
      this.#sink.error('unrecognised-line', quote(bytes));
    }
  }
}

/** The values of a line of hex digits and blanks, or undefined if it has anything else. */
function readDigits(line: string): Uint8Array | undefined {
  const digits = new Uint8Array(line.length);
  let count = 0;
  for (let at = 0; at < line.length; at++) {
    const char = line.charCodeAt(at);
    if (char >= 48 && char <= 57) digits[count++] = char - 48;
    else if (char >= 65 && char <= 70) digits[count++] = char - 55;
    else if (char >= 97 && char <= 102) digits[count++] = char - 87;
    else if (char !== 32 && char !== 9) return undefined;
  }
  return digits.subarray(0, count);
}

function bytesOf(digits: Uint8Array, from: number): Uint8Array {
  const bytes = new Uint8Array((digits.length - from) >> 1);
  for (let index = 0; index < bytes.length; index++) {
    const at = from + index * 2;
    bytes[index] = ((digits[at] ?? 0) << 4) | (digits[at + 1] ?? 0);
  }
  return bytes;
}

function numberOf(digits: Uint8Array, count: number): number {
  let number = 0;
  for (let at = 0; at < count; at++) number = number * 16 + (digits[at] ?? 0);
  return number;
}
