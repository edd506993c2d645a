/** Containers within containers, the outermost counted (ingest contract). */
export const maxJsonDepth = 32;

/** Beyond this a body is looked at before it is parsed, bytes: what nests 4 million times takes 350 MB to parse. */
const trustedOpenings = 65_536;

/**
 * What `JSON.parse` lets through and should not: a name twice in an object, of which it keeps the last, `__proto__`, and
 * nesting beyond {@link maxJsonDepth}. Answers what is wrong, or undefined. `text` is what stands in the bytes, `value` what
 * it was parsed to.
 *
 * No second parse where nothing is odd: every name and every string value has two quotes, so a text without escapes has
 * twice as many quotes as its value has names and strings, or something of the text is not in the value.
 */
export function parsedFault(bytes: Uint8Array, text: string, value: unknown): string | undefined {
  const plain = !text.includes('\\') && !text.includes('__proto__');
  if (plain && countBytes(bytes, quote) === 2 * countStrings(value, maxJsonDepth)) return undefined;
  return textFault(text);
}

/** What need not be parsed to be refused: too deep, and so large that parsing it would cost memory. */
export function unparsedFault(bytes: Uint8Array): string | undefined {
  if (bytes.length <= trustedOpenings || countBytes(bytes, brace, caseBit) <= trustedOpenings) return undefined;
  return textFault(asBuffer(bytes).toString(), 'depth');
}

const quote = 0x22;
/** `{`; with the bit of letter case set, `[` is the same. */
const brace = 0x7b;
const caseBit = 0x20;

/** How many bytes are `byte` once the bits of `set` are set in them; four at a time. */
export function countBytes(bytes: Uint8Array, byte: number, set = 0): number {
  const { buffer, byteOffset, length } = bytes;
  let count = 0;
  let at = 0;
  for (; at < length && (byteOffset + at) % 4 !== 0; at++) if (((bytes[at] as number) | set) === byte) count++;
  const wordCount = (length - at) >> 2;
  // An offset counts even where there is no word.
  const words = new Int32Array(buffer, wordCount === 0 ? 0 : byteOffset + at, wordCount);
  const [wanted, mask] = [Math.imul(byte, 0x01010101), Math.imul(set, 0x01010101)];
  for (let i = 0; i < words.length; ) {
    // Each lane of a sum holds 255 at most.
    const end = Math.min(i + 255, words.length);
    count += 4 * (end - i);
    let others = 0;
    for (; i < end; i++) {
      const word = ((words[i] as number) | mask) ^ wanted;
      // The top bit of each byte that is not zero; no carry leaves its byte (Hacker's Delight §6-1).
      others = (others + (((((word & 0x7f7f7f7f) + 0x7f7f7f7f) | word) >>> 7) & 0x01010101)) | 0;
    }
    count -= (others & 0xff) + ((others >>> 8) & 0xff) + ((others >>> 16) & 0xff) + (others >>> 24);
  }
  for (at += words.length * 4; at < length; at++) if (((bytes[at] as number) | set) === byte) count++;
  return count;
}

/** Names and strings of a parsed value; NaN where it nests too deep. */
function countStrings(value: unknown, depthLeft: number): number {
  if (typeof value === 'string') return 1;
  if (typeof value !== 'object' || value === null) return 0;
  if (depthLeft === 0) return Number.NaN;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += countStrings(item, depthLeft - 1);
    return count;
  }
  for (const name in value) {
    const member = (value as Record<string, unknown>)[name];
    if (typeof member === 'string') count += 2;
    else count += typeof member === 'object' ? 1 + countStrings(member, depthLeft - 1) : 1;
  }
  return count;
}

/** The first fault of a text that is JSON; of one that is not, at least one that stands in its good beginning. */
function textFault(text: string, only?: 'depth'): string | undefined {
  /** Of each container that is open, the names in it; undefined for a list. */
  const open: (Set<string> | undefined)[] = [];
  let isName = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at);
      const names = open.at(-1);
      if (isName && names && only === undefined) {
        const fault = nameFault(text.slice(at, end + 1), names);
        if (fault !== undefined) return `${fault}, at position ${at}`;
      }
      at = end;
    } else if (character === '{' || character === '[') {
      if (open.length === maxJsonDepth) return `it nests deeper than ${maxJsonDepth}, at position ${at}`;
      open.push(character === '{' ? new Set() : undefined);
      isName = character === '{';
    } else if (character === '}' || character === ']') open.pop();
    else if (character === ',') isName = open.at(-1) !== undefined;
    else if (character === ':') isName = false;
  }
  return undefined;
}

/** Where the string that begins at `start` has its closing quote; the end of the text where it has none. */
export function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '"') return at;
    if (text[at] === '\\') at++;
  }
  return text.length;
}

function nameFault(written: string, names: Set<string>): string | undefined {
  const name: string = JSON.parse(written);
  if (name === '__proto__') return 'it has the name __proto__';
  if (names.has(name)) return 'it has a name twice in one object';
  names.add(name);
  return undefined;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
