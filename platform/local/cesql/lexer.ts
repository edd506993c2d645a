import { CesqlSyntaxError } from './syntax-error.ts';

/** `word` is an attribute, a function or a keyword; strings come without their quotes, and escaped quotes resolved. */
export interface Token {
  kind: 'word' | 'integer' | 'string' | 'symbol' | 'end';
  text: string;
  /** Offset in the expression, from 0. */
  at: number;
}

/** Longest first, so that `<=` is not read as `<` and `=`. */
const token =
  /[ \t\r\n]+|(?<integer>\d+)(?![A-Za-z0-9_])|(?<word>[A-Za-z0-9_]+)|'(?<single>(?:[^'\\]|\\[\s\S])*)'|"(?<double>(?:[^"\\]|\\[\s\S])*)"|(?<symbol><=|>=|<>|!=|[=<>+\-*/%(),])/y;

/** The tokens of an expression (CloudEvents SQL v1 §2), the last of them `end`. Throws {@link CesqlSyntaxError}. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    token.lastIndex = at;
    const groups = token.exec(text)?.groups;
    if (groups === undefined) throw new CesqlSyntaxError(at, unreadable(text.slice(at)));
    const { integer, word, single, double, symbol } = groups;
    if (integer !== undefined) tokens.push({ kind: 'integer', text: integer, at });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, at });
    else if (single !== undefined) tokens.push({ kind: 'string', text: single.replaceAll("\\'", "'"), at });
    else if (double !== undefined) tokens.push({ kind: 'string', text: double.replaceAll('\\"', '"'), at });
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol, at });
    at = token.lastIndex;
  }
  return [...tokens, { kind: 'end', text: 'the end', at: text.length }];
}

function unreadable(rest: string): string {
  return /^['"]/.test(rest) ? 'a string without its end' : `unexpected ${JSON.stringify(rest[0])}`;
}
