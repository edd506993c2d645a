/** Durations as the manifests write them; both answer milliseconds, or undefined for what is none. */

const iso = /^P(?:(\d+)W|(?:(\d+)D)?(?:T(?=\d)(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?)$/;
const isoUnitsMs = [604_800_000, 86_400_000, 3_600_000, 60_000, 1_000];

/**
 * ISO 8601 as `backoffDelay` and `timeout` of a delivery spec use it (Knative Eventing, DeliverySpec). Years and months
 * have no fixed length and are refused.
 */
export function parseIsoDurationMs(text: string): number | undefined {
  const parts = iso.exec(text);
  if (parts === null || parts.slice(1).every((part) => part === undefined)) return undefined;
  const ms = isoUnitsMs.reduce((sum, unitMs, index) => sum + Number(parts[index + 1] ?? 0) * unitMs, 0);
  return Math.round(ms);
}

const go = /^(?:\d+(?:\.\d+)?(?:ms|h|m|s))+$/;
const goUnitsMs: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** Go's `time.ParseDuration` for the units that make sense in annotations (`60s`, `1m30s`). */
export function parseGoDurationMs(text: string): number | undefined {
  if (!go.test(text)) return undefined;
  let ms = 0;
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g))
    ms += Number(count) * (goUnitsMs[unit ?? ''] ?? 0);
  return Math.round(ms);
}
