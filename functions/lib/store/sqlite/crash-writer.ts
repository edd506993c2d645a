import { openSqliteStore } from '../sqlite.ts';

/**
 * Appends under concurrency until it is killed, and says each acknowledged sample on a line, after the acknowledgement.
 * Arguments: the file, and the instant in milliseconds from which its samples go up.
 */
const [path, startMs] = process.argv.slice(2) as [string, string];
const store = await openSqliteStore({ path });
let timeMs = Number(startMs);

async function appendForever(caller: number): Promise<never> {
  const vehicle = `car-${caller % 5}`;
  for (;;) {
    const samples = Array.from({ length: 1 + (timeMs % 7) }, () => ({
      timeMs: timeMs++,
      device: 'main',
      speedKmh: 50,
    }));
    await store.append([{ vehicle, samples }], timeMs);
    process.stdout.write(samples.map((sample) => `${vehicle} ${sample.timeMs}\n`).join(''));
  }
}

await Promise.all(Array.from({ length: 16 }, (_, caller) => appendForever(caller)));
