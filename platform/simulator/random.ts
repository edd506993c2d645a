/** Seeded randomness: the same keys always give the same numbers, on every machine. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** In [from, to). */
  between(from: number, to: number): number;
  /** A whole number in [from, to]. */
  integer(from: number, to: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** Normally distributed with mean 0 and deviation 1, cut at ±3 so that noise stays bounded. */
  normal(): number;
  pick<T>(items: readonly [T, ...T[]]): T;
  /** A shuffled copy. */
  shuffle<T>(items: readonly T[]): T[];
}

/** A stream of its own for these keys: a draw in one stream never moves another. */
export function randomFor(...keys: readonly (string | number)[]): Random {
  const text = keys.join('\u0000');
  const next = sfc32(hash(text, 1), hash(text, 2), hash(text, 3), hash(text, 4));
  const between = (from: number, to: number) => from + next() * (to - from);
  const integer = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    between,
    integer,
    chance: (probability) => next() < probability,
    // Box–Muller; 1 - next() keeps the logarithm finite.
    normal: () => {
      const value = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
      return Math.max(-3, Math.min(3, value));
    },
    pick: (items) => items[integer(0, items.length - 1)] ?? items[0],
    shuffle: (items) => {
      const keyed = items.map((item) => ({ item, key: next() }));
      return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
    },
  };
}

/** FNV-1a over UTF-16 units with the finaliser of MurmurHash3 (Appleby), so that similar keys land far apart. */
function hash(text: string, salt: number): number {
  let h = 0x811c9dc5 ^ Math.imul(salt, 0x9e3779b1);
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** sfc32, "small fast counter", of PractRand (Doty-Humphrey, public domain): 128 bits of state, passes BigCrush. */
function sfc32(a: number, b: number, c: number, counter: number): () => number {
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  // PractRand throws away the first twelve, in which the seed still shows.
  for (let i = 0; i < 12; i++) next();
  return next;
}
