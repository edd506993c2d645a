type Piece = { one: string } | 'any one' | 'any number';

/**
 * What a LIKE pattern matches (CloudEvents SQL v1 §3.4.3): `%` any number of characters, `_` one, either as itself after
 * a backslash. Characters are Unicode code points. Takes at most pattern × text steps, whatever the pattern.
 */
export function likePattern(pattern: string): (text: string) => boolean {
  const pieces = piecesOf([...pattern]);
  return (text) => matches(pieces, [...text]);
}

function piecesOf(characters: readonly string[]): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < characters.length; at += 1) {
    const [one, next] = [characters[at] as string, characters[at + 1]];
    if (one === '%') pieces.push('any number');
    else if (one === '_') pieces.push('any one');
    else if (one === '\\' && (next === '%' || next === '_')) {
      pieces.push({ one: next });
      at += 1;
    } else pieces.push({ one });
  }
  return pieces;
}

/** After a mismatch only the last `%` can take one more: what those before it took does not matter. */
function matches(pieces: readonly Piece[], text: readonly string[]): boolean {
  let [piece, at] = [0, 0];
  let retry: { piece: number; at: number } | undefined;
  while (at < text.length) {
    const wanted = pieces[piece];
    if (wanted === 'any number') {
      retry = { piece: piece + 1, at: at + 1 };
      piece += 1;
    } else if (wanted === 'any one' || (wanted !== undefined && wanted.one === text[at])) {
      piece += 1;
      at += 1;
    } else if (retry !== undefined) {
      ({ piece, at } = retry);
      retry.at += 1;
    } else return false;
  }
  return pieces.slice(piece).every((left) => left === 'any number');
}
