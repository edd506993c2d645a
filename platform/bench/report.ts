import { cpus, totalmem } from 'node:os';
import type { Comparison, ServerFigures } from './compare.ts';
import type { HopFigures } from './hop.ts';
import type { PipelineFigures } from './pipeline.ts';
import type { StartFigures } from './start-time.ts';
import type { Spread } from './statistics.ts';
import type { SteadyFigures } from './steady-fleet.ts';

/** Where and when the figures were taken: without that they say nothing. */
export interface Machine {
  date: string;
  node: string;
  cpu: string;
  cores: number;
  memoryGb: number;
}

export function thisMachine(nowMs: number): Machine {
  const processors = cpus();
  return {
    date: new Date(nowMs).toISOString(),
    node: process.version,
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 1e9),
  };
}

/** What the project has set itself (issues 3 and 4); the rest is for comparison. */
const goals = {
  single: 0.35,
  batch: 0.3,
  rssMb: 300,
  startMs: 1_000,
  hopEventsPerS: 5_000,
  hopP50Us: 50,
  hopP99Us: 1_000,
};

export function machineText({ date, node, cpu, cores, memoryGb }: Machine): string {
  return `fleet bench, ${date}, Node ${node}, ${cores} × ${cpu}, ${memoryGb} GB; median (least–most) over rounds`;
}

export function comparisonText(result: Comparison): string {
  const { eventsPerRequest, connections, rounds, ratio, ratioAtOurRate, acked, stored } = result;
  const single = eventsPerRequest === 1;
  const what = single ? 'single POSTs of one CloudEvent' : `batches of ${eventsPerRequest} CloudEvents`;
  const goal = single ? goals.single : goals.batch;
  return lines(
    `${what}, ${connections} connections, ${rounds} rounds`,
    serverText('ingest (durable)', result.ours),
    serverText('bare node:http', result.bare),
    serverText('bare, at our rate', result.bareAtOurRate),
    `samples per CPU second, ours/bare: ${spread(ratio, 3)}; goal ${goal}: ${verdict(ratio.median >= goal)}`,
    `the same beside the bare server at our rate: ${spread(ratioAtOurRate, 3)}`,
    storedText(acked, stored),
  );
}

export function pipelineText(figures: PipelineFigures): string {
  const { eventsPerRequest, rounds, samplesPerRound, samplesPerS, cpuUsPerSample, acked, stored } = figures;
  return lines(
    `whole pipeline, POST to trips: ${samplesPerRound} samples in batches of ${eventsPerRequest}, ${rounds} rounds`,
    `${spread(samplesPerS, 0)} samples/s processed, ${spread(cpuUsPerSample, 1)} µs CPU a sample`,
    storedText(acked, stored),
  );
}

export function steadyText(figures: SteadyFigures): string {
  const { vehicles, seconds, rssMaxMb, rssEndMb, cores, cpuUsPerSample, p50Ms, p99Ms, processedAfterMs } = figures;
  return lines(
    `whole pipeline, ${vehicles} vehicles at 1 Hz for ${seconds} s, single POSTs`,
    `RSS at most ${rssMaxMb.toFixed(0)} MB, ${rssEndMb.toFixed(0)} MB at the end; goal under ${goals.rssMb} MB: ${verdict(rssMaxMb < goals.rssMb)}`,
    `${cores.toFixed(2)} cores, ${cpuUsPerSample.toFixed(0)} µs CPU a sample; answers p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`,
    `no receipt pending ${processedAfterMs.toFixed(0)} ms after the last answer`,
    storedText(figures.acked, figures.stored),
  );
}

export function startText({ runs, firstAckMs }: StartFigures): string {
  const good = verdict(firstAckMs.median < goals.startMs);
  return lines(
    `from starting node to the first 202, ${runs} runs`,
    `${spread(firstAckMs, 0)} ms; goal under ${goals.startMs} ms: ${good}`,
  );
}

export function hopText(figures: readonly HopFigures[]): string {
  return figures.map(oneHopText).join('\n\n');
}

function oneHopText(figures: HopFigures): string {
  const { eventsPerS, samplesPerEvent, rounds, roundS, reachedPerS, p50Us, p99Us, mostUs, fromDueP99Us } = figures;
  const reached = p50Us.median <= goals.hopP50Us && p99Us.median <= goals.hopP99Us;
  // The goal is set at this rate; larger events are for comparison.
  const goal =
    eventsPerS === goals.hopEventsPerS
      ? `; goal ${goals.hopP50Us} µs and ${goals.hopP99Us} µs: ${verdict(reached)}`
      : '';
  const samples = samplesPerEvent === 1 ? 'one sample' : `${samplesPerEvent} samples`;
  return lines(
    `local hop, publish to handler called: ${eventsPerS} events/s of ${samples}, ${rounds} rounds of ${roundS} s`,
    `p50 ${spread(p50Us, 1)} µs, p99 ${spread(p99Us, 1)} µs${goal}`,
    `the slowest ${spread(mostUs, 0)} µs; p99 from when an event was due ${spread(fromDueP99Us, 0)} µs`,
    `${spread(reachedPerS, 0)} events/s`,
  );
}

function serverText(name: string, { samplesPerS, cpuUsPerSample, p50Ms, p99Ms }: ServerFigures): string {
  const latency = `p50 ${p50Ms.median.toFixed(1)} ms, p99 ${p99Ms.median.toFixed(1)} ms`;
  return `${name.padEnd(18)} ${spread(samplesPerS, 0)} samples/s, ${spread(cpuUsPerSample, 2)} µs CPU a sample, ${latency}`;
}

function storedText(acked: number, stored: number): string {
  return acked === stored
    ? `all ${acked} acknowledged samples are in the store`
    : `ACKNOWLEDGED ${acked} BUT STORED ${stored}`;
}

function spread({ median, min, max }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}

function verdict(reached: boolean): string {
  return reached ? 'reached' : 'NOT reached';
}

function lines(title: string, ...rest: string[]): string {
  return [title, ...rest.map((line) => `  ${line}`)].join('\n');
}
