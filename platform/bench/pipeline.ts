import { type BenchFolder, createBenchFolder } from './data-folder.ts';
import type { Load } from './load.ts';
import type { LoadResult } from './load-order.ts';
import { freePort, type MeasuredProcess, startMeasured } from './measured-process.ts';
import type { Series } from './requests.ts';
import { type Spread, spreadOf } from './statistics.ts';

/** What `npm start` runs, without the demo: every function and the broker in one process. */
export interface Pipeline {
  server: MeasuredProcess;
  folder: BenchFolder;
  /** Resolves when every receipt is processed: enriched, and its trips derived. */
  processed(): Promise<void>;
  end(): void;
}

/** Longer than this, events were lost and wait for the sweep: the run counts as failed. */
const processedWithinMs = 60_000;

export async function startPipeline(): Promise<Pipeline> {
  const folder = await createBenchFolder();
  const internalPort = String(await freePort());
  const env = { ...folder.env, FLEET_DEMO: 'off', INTERNAL_PORT: internalPort };
  const server = await startMeasured('../local/main.ts', env);
  return {
    server,
    folder,
    async processed() {
      const giveUpAt = performance.now() + processedWithinMs;
      while ((await pendingReceipts(server.port)) > 0) {
        if (performance.now() > giveUpAt) throw new Error(`receipts were pending after ${processedWithinMs} ms`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    end() {
      server.kill();
      folder.remove();
    },
  };
}

export interface PipelineFigures {
  eventsPerRequest: number;
  rounds: number;
  samplesPerRound: number;
  /** From the first request to the last receipt processed. */
  samplesPerS: Spread;
  cpuUsPerSample: Spread;
  acked: number;
  stored: number;
}

const batch: Series & { connections: number } = { vehicles: 50, eventsPerRequest: 100, fromMs: 0, connections: 8 };

/** Batches through the whole pipeline, from POST to trips. */
export async function measurePipeline(load: Load, rounds: number, requests: number): Promise<PipelineFigures> {
  const pipeline = await startPipeline();
  const { server, folder } = pipeline;
  const order = { ...batch, port: server.port, token: folder.token, requests };
  const fromMs = Math.floor(Date.now() / 1_000) * 1_000 - 4 * 86_400_000;
  let first = 0;
  const round = async () => {
    const before = await server.usage();
    const startedAt = performance.now();
    const { acked }: LoadResult = await load.run({ ...order, fromMs, first });
    await pipeline.processed();
    const elapsedMs = performance.now() - startedAt;
    const after = await server.usage();
    first += acked;
    const samples = acked * batch.eventsPerRequest;
    return { samplesPerS: (samples * 1_000) / elapsedMs, cpuUsPerSample: (after.cpuUs - before.cpuUs) / samples };
  };
  try {
    await round();
    const measured: Awaited<ReturnType<typeof round>>[] = [];
    for (let i = 0; i < rounds; i++) measured.push(await round());
    await server.stop();
    return {
      eventsPerRequest: batch.eventsPerRequest,
      rounds,
      samplesPerRound: requests * batch.eventsPerRequest,
      samplesPerS: spreadOf(measured.map((one) => one.samplesPerS)),
      cpuUsPerSample: spreadOf(measured.map((one) => one.cpuUsPerSample)),
      acked: first * batch.eventsPerRequest,
      stored: folder.countSamples(),
    };
  } finally {
    pipeline.end();
  }
}

async function pendingReceipts(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  const pending = /^fleet_receipts_pending (\d+)$/m.exec(await response.text())?.[1];
  if (pending === undefined) throw new Error('/metrics does not tell fleet_receipts_pending');
  return Number(pending);
}
