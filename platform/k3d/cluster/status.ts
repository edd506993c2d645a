import { read, show } from './run.ts';

const kinds = 'services.serving.knative.dev,brokers,triggers,pingsources';

interface Item {
  kind: string;
  metadata: { name: string };
  status?: { conditions?: { type: string; status: string; reason?: string; message?: string }[] };
}

/** Shows what there is; answers whether all of it is Ready, and names what is not, with the reason. */
export async function showStatus(): Promise<boolean> {
  await show('kubectl', ['-n', 'fleet', 'get', `${kinds},jobs,statefulsets,pods`]);
  const { items } = JSON.parse(read('kubectl', ['-n', 'fleet', 'get', kinds, '-o', 'json'])) as { items: Item[] };
  const faults = items.flatMap((item) => faultOf(item) ?? []);
  process.stdout.write(
    faults.length === 0 ? `\nall ${items.length} are Ready\n` : `\nnot Ready:\n  ${faults.join('\n  ')}\n`,
  );
  return faults.length === 0 && items.length > 0;
}

/** Why an object is not Ready, in one line; undefined if it is. */
export function faultOf({ kind, metadata, status }: Item): string | undefined {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status === 'True') return undefined;
  const why = [ready?.reason, ready?.message]
    .filter((text) => text)
    .join(': ')
    .replace(/\s+/g, ' ');
  return `${kind} ${metadata.name}: ${why || 'nothing is said of it yet'}`;
}

/** Where things are, and what to do first. */
export function showAddresses(): void {
  const path = 'jsonpath={range .items[*]}{.metadata.name} {.status.url}{"\\n"}{end}';
  const urls = new Map(
    read('kubectl', ['-n', 'fleet', 'get', 'services.serving.knative.dev', '-o', path])
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  );
  process.stdout.write(`
ingest    ${urls.get('ingest')}/ingest
query     ${urls.get('query')}/          trips, samples, rollups; /openapi.json
grafana   http://grafana.localtest.me/   user admin; its password is in the Secret observability/grafana-admin
tokens    Secret fleet/fleet-api-secrets; the first one, with the scope admin, was shown when it was made
store     Secrets fleet/fleet-influx-*, one per function; the operator's is fleet/influxdb-admin

next      curl ${urls.get('ingest')}/ingest -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
            -d '{"vehicle":"car-1","time":"'$(date -u +%Y-%m-%dT%H:%M:%SZ)'","speedKmh":50}'
          kn service list -n fleet; npm run cluster:status
`);
}
