/** A token bucket per key that fills evenly over a minute and holds a minute's worth. */
export interface RateLimit {
  /** Takes one; answers 0, or the seconds until there is one again. */
  take(key: string, nowMs: number): number;
}

/** Keys remembered; the oldest goes, which at worst gives it a full bucket again. */
const maxKeys = 10_000;

export function createRateLimit(perMinute: number): RateLimit {
  const buckets = new Map<string, { left: number; atMs: number }>();
  const perMs = perMinute / 60_000;
  return {
    take(key, nowMs) {
      let bucket = buckets.get(key);
      if (!bucket) {
        if (buckets.size >= maxKeys) buckets.delete(buckets.keys().next().value as string);
        bucket = { left: perMinute, atMs: nowMs };
        buckets.set(key, bucket);
      }
      // A clock set back fills nothing.
      bucket.left = Math.min(perMinute, bucket.left + Math.max(0, nowMs - bucket.atMs) * perMs);
      bucket.atMs = nowMs;
      if (bucket.left < 1) return Math.ceil((1 - bucket.left) / perMs / 1000);
      bucket.left -= 1;
      return 0;
    },
  };
}
