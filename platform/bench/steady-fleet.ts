import type { Load } from './load.ts';
import { startPipeline } from './pipeline.ts';

export interface SteadyFigures {
  vehicles: number;
  seconds: number;
  rssMaxMb: number;
  rssEndMb: number;
  /** CPU seconds of the server per second. */
  cores: number;
  cpuUsPerSample: number;
  p50Ms: number;
  p99Ms: number;
  /** From the last answer until no receipt was pending. */
  processedAfterMs: number;
  acked: number;
  stored: number;
}

/** How often memory is looked at; a peak between two looks is a garbage collection's. */
const lookEveryMs = 200;
const vehicles = 1_000;
/** Of the whole time, in seconds, the part after which CPU is counted. */
const warmUpS = 5;

/** A thousand vehicles that report once a second, each by a POST of its own, into the whole pipeline. */
export async function measureSteadyFleet(load: Load, seconds: number): Promise<SteadyFigures> {
  const pipeline = await startPipeline();
  const { server, folder } = pipeline;
  try {
    let rssMax = 0;
    let loading = true;
    const watched = (async () => {
      while (loading) {
        rssMax = Math.max(rssMax, (await server.usage()).rssBytes);
        await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
      }
    })();
    const steady = {
      port: server.port,
      token: folder.token,
      connections: 32,
      vehicles,
      eventsPerRequest: 1,
      fromMs: Math.floor(Date.now() / 1_000) * 1_000,
      requestsPerS: vehicles,
    };
    // Memory counts from the first request; CPU when the hot functions are compiled.
    const warmUp = await load.run({ ...steady, first: 0, requests: vehicles * warmUpS });
    const before = await server.usage();
    const requests = vehicles * (seconds - warmUpS);
    const { acked, p50Ms, p99Ms, elapsedMs } = await load.run({ ...steady, first: warmUp.acked, requests });
    loading = false;
    await watched;
    const lastAnswerAt = performance.now();
    await pipeline.processed();
    const processedAfterMs = performance.now() - lastAnswerAt;
    const after = await server.usage();
    await server.stop();
    const cpuUs = after.cpuUs - before.cpuUs;
    return {
      vehicles,
      seconds,
      rssMaxMb: Math.max(rssMax, after.rssBytes) / 1e6,
      rssEndMb: after.rssBytes / 1e6,
      cores: cpuUs / 1_000 / (elapsedMs + processedAfterMs),
      cpuUsPerSample: cpuUs / acked,
      p50Ms,
      p99Ms,
      processedAfterMs,
      acked: warmUp.acked + acked,
      stored: folder.countSamples(),
    };
  } finally {
    pipeline.end();
  }
}
