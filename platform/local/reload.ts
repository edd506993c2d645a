import { glob, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Log, Metrics } from '../../functions/lib/ports.ts';
import { ManifestError } from './errors.ts';
import { keyOf, loadManifests, type Manifests, manifestFiles } from './manifests.ts';
import type { Runtime } from './runtime.ts';

export interface ReloadOptions {
  /** The checkout, with eventing/ and functions/. */
  root: string;
  /** The names a Service's FUNCTION may have. */
  functions: readonly string[];
  runtime: Pick<Runtime, 'topology' | 'apply'>;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}

/**
 * How often the files are looked at, ms. A dozen stats cost less than a millisecond, and see what a watch of the system
 * does not (network folders, editors that replace files); a change counts once it has stood still for one look.
 */
const everyMs = 500;
/** Of the resources that a log line names. */
const maxNamed = 20;

/**
 * Puts manifests in force as they are edited. What cannot be used is refused as a whole, with one line that names file
 * and key, and what was in force stays. Answers its end.
 */
export function watchManifests({ root, functions, runtime, clock, log, metrics }: ReloadOptions): () => void {
  let stopped = false;
  let cancel = () => {};
  /** What has been looked at and dealt with, and what the look before this one saw. */
  let settled: string | undefined;
  let last: string | undefined;

  const reload = async (): Promise<void> => {
    const before = runtime.topology().manifests;
    let manifests: Manifests;
    try {
      manifests = await loadManifests(root, functions);
    } catch (error) {
      metrics.count('fleet_manifest_reloads_total', 1, { outcome: 'refused' });
      metrics.gauge('fleet_manifests_refused', 1);
      const { file, key } = error instanceof ManifestError ? error : { file: undefined, key: undefined };
      const detail = (error as Error).message;
      log.error({ file, key, error: detail }, 'manifests refused; those in force stay');
      return;
    }
    metrics.gauge('fleet_manifests_refused', 0);
    const changed = changes(before, manifests);
    if (stopped || changed.length === 0) return;
    metrics.count('fleet_manifest_reloads_total', 1, { outcome: 'applied' });
    log.info({ changes: changed.length, changed: changed.slice(0, maxNamed) }, 'manifests reloaded');
    // In force at once. What is to be started may take its time: further edits do not wait for it.
    runtime
      .apply(manifests)
      .catch((error: Error) => log.error({ error: error.message }, 'not all of what was reloaded works'));
  };

  const look = async (): Promise<void> => {
    // A folder that cannot be read is a state like others; loading says what is wrong with it.
    const seen = await fingerprint(root).catch((error: Error) => error.message);
    // The first time too: an edit may fall between the start and this.
    if (seen !== settled && seen === last) {
      settled = seen;
      await reload();
    }
    last = seen;
  };
  const next = () => {
    if (!stopped) cancel = clock.after(everyMs, () => void look().then(next));
  };
  void look().then(next);
  return () => {
    stopped = true;
    cancel();
  };
}

/** Which files there are, and when and how long each was written; one that goes while it is looked at is not there. */
async function fingerprint(root: string): Promise<string> {
  const lines: string[] = [];
  for await (const file of glob(manifestFiles, { cwd: root })) {
    const found = await stat(join(root, file), { bigint: true }).catch(() => undefined);
    if (found !== undefined) lines.push(`${file} ${found.mtimeNs} ${found.size} ${found.ino}`);
  }
  return lines.sort().join('\n');
}

/** As `+ Trigger fleet/enrich`: added, changed or gone. */
function changes(before: Manifests, after: Manifests): string[] {
  const texts = ({ written }: Manifests) =>
    new Map(written.map((one) => [`${one.kind} ${keyOf(one)} (${one.apiVersion})`, JSON.stringify(one)]));
  const [old, now] = [texts(before), texts(after)];
  return [
    ...[...now].flatMap(([key, text]) => (!old.has(key) ? [`+ ${key}`] : old.get(key) === text ? [] : [`~ ${key}`])),
    ...[...old.keys()].filter((key) => !now.has(key)).map((key) => `- ${key}`),
  ];
}
