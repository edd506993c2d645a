import { readFileSync, readdirSync } from 'node:fs';
import { createBenchFolder } from './platform/bench/data-folder.ts';
import { startLoad } from './platform/bench/load.ts';
import { startMeasured } from './platform/bench/measured-process.ts';
import startFlags from './platform/host/start-flags.json' with { type: 'json' };
import { execSync, spawn } from 'node:child_process';
const n = Number(process.argv[2] ?? 1), conns = n === 1 ? 32 : 8, ms = Number(process.argv[3] ?? 3000);
const load = startLoad();
const folder = await createBenchFolder();
const ours = await startMeasured('../host/main.ts', { ...folder.env, FUNCTION: 'ingest', FLEET_BROKER: 'off' }, [...startFlags.function, ...(process.env.FLAGS ?? '').split(' ').filter(Boolean), ...(process.env.PROF ? ['--cpu-prof', '--cpu-prof-dir=/tmp/prof'] : [])]);
const pid = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').find((c) => readFileSync(`/proc/${c}/cmdline`, 'utf8').includes('host/main.ts'));
function threads() {
  const out: Record<string, number[]> = {};
  for (const t of readdirSync(`/proc/${pid}/task`)) {
    const s = readFileSync(`/proc/${pid}/task/${t}/stat`, 'utf8');
    const f = s.slice(s.lastIndexOf(')') + 2).split(' ');
    const sched = readFileSync(`/proc/${pid}/task/${t}/schedstat`, 'utf8').split(' ');
    out[t + ' ' + readFileSync(`/proc/${pid}/task/${t}/comm`, 'utf8').trim()] = [Number(f[11]) * 1e4, Number(f[12]) * 1e4, Number(sched[0]) / 1e3];
  }
  return out;
}
const series = { vehicles: 50, eventsPerRequest: n, fromMs: Math.floor((Date.now() - 4 * 86400000) / 1000) * 1000 };
let first = 0;
const run = async (extent: object) => { const r = await load.run({ ...series, port: ours.port, token: folder.token, connections: conns, first, ...extent }); first += r.acked; return r; };
await run({ requests: n === 1 ? 20000 : 2000 });
for (let i = 0; i < 3; i++) {
  const [a, ua] = [threads(), await ours.usage()];
  if (process.env.STRACE && i === 1) spawn('timeout', ['2', 'strace', '-f', '-c', '-o', '/tmp/strace.txt', '-p', pid!]);
  const r = await run({ forMs: ms });
  const [b, ub] = [threads(), await ours.usage()];
  const s = r.acked * n;
  console.log(`${(s * 1000 / r.elapsedMs).toFixed(0)}/s total ${((ub.cpuUs - ua.cpuUs) / s).toFixed(2)} µs; ` + Object.keys(b).map((t) => [t, ...b[t]!.map((v, k) => (v - (a[t]?.[k] ?? 0)) / s)] as [string, number, number, number]).filter((x) => x[3] > 0.05).map(([t, u, y, x]) => `${t}: ${x.toFixed(2)} (u ${u.toFixed(1)} s ${y.toFixed(1)})`).join(' | '));
}
await ours.stop();
load.stop();
folder.remove();
process.exit(0);
