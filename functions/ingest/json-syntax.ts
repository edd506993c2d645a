import { endOfString } from './json-faults.ts';

/** Numbers of other notations, which many programs print. */
const foreignNumbers = ['NaN', 'Infinity'];

/** What a text that `JSON.parse` refused by `error` has wrong, without its words: an answer never holds the body. */
export function syntaxFault(text: string, { message }: Error): string {
  if (message === 'Unexpected end of JSON input') return 'it ends too early';
  // Where V8 names no position it quotes the text, which may speak of one.
  const named = /^[^"]* at position (\d+)/.exec(message)?.[1];
  const at = named === undefined ? foreignAt(text) : Number(named);
  if (at === undefined) return 'a value is missing';
  const foreign = foreignNumbers.find((word) => text.startsWith(word, at));
  return foreign === undefined ? `at position ${at}` : `at position ${at}: JSON has no ${foreign}`;
}

/** Where the first thing stands that is in no JSON; undefined where all things are of it, in a wrong order. */
function foreignAt(text: string): number | undefined {
  for (let at = 0; at < text.length; ) {
    if (text[at] === '"') {
      at = endOfString(text, at) + 1;
      continue;
    }
    token.lastIndex = at;
    const [found] = token.exec(text) ?? [];
    if (found === undefined) return at;
    at += found.length;
  }
  return undefined;
}

/** Of JSON, but for strings (RFC 8259 §2). */
const token = /[ \t\n\r[\]{}:,]|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
