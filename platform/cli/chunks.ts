import { CliError } from './exit.ts';
import { type Report, samplesOf } from './report-file.ts';

/** A request's worth of reports. */
export interface Chunk {
  mediaType: string;
  text: string;
  samples: number;
  /** Position of its first item among all of the file's events, or plain samples. */
  firstIndex: number;
}

/** Half of what the server takes in a request (1,000 events, 10,000 samples), and less than its 1 MiB. */
export const chunkLimits = { items: 500, samples: 5_000, bytes: 1_000_000 };

interface Item {
  text: string;
  samples: number;
  index: number;
  /** Items of one group may stand in one request. */
  group: string;
  envelope(items: string[]): { mediaType: string; text: string };
}

/** The reports in their order, cut into requests within the limits. Throws CliError (data) for an event that fits in none. */
export function* chunksOf(reports: readonly Report[]): Generator<Chunk> {
  let open: Item[] = [];
  let bytes = 0;
  let samples = 0;
  const close = (): Chunk => {
    const first = open[0] as Item;
    const chunk = { ...first.envelope(open.map(({ text }) => text)), samples, firstIndex: first.index };
    [open, bytes, samples] = [[], 0, 0];
    return chunk;
  };
  for (const item of itemsOf(reports)) {
    const size = Buffer.byteLength(item.text) + 1;
    if (size > chunkLimits.bytes)
      throw new CliError('data', `item ${item.index} is larger than a request may be (1 MiB)`);
    const full =
      open.length >= chunkLimits.items ||
      samples + item.samples > chunkLimits.samples ||
      bytes + size > chunkLimits.bytes ||
      open[0]?.group !== item.group;
    if (open.length > 0 && full) yield close();
    open.push(item);
    bytes += size;
    samples += item.samples;
  }
  if (open.length > 0) yield close();
}

function* itemsOf(reports: readonly Report[]): Generator<Item> {
  let index = 0;
  for (const report of reports) {
    if (report.kind === 'event') {
      const { event } = report;
      yield {
        text: JSON.stringify(event),
        samples: samplesOf(event).length,
        index: index++,
        group: 'events',
        envelope: batch,
      };
      continue;
    }
    const { vehicle } = report;
    const head = vehicle === undefined ? '' : `"vehicle":${JSON.stringify(vehicle)},`;
    const envelope = (items: string[]) => ({
      mediaType: 'application/json',
      text: `{${head}"samples":[${items.join(',')}]}`,
    });
    for (const sample of report.samples) {
      yield { text: JSON.stringify(sample), samples: 1, index: index++, group: `plain ${vehicle}`, envelope };
    }
  }
}

function batch(items: string[]) {
  return { mediaType: 'application/cloudevents-batch+json', text: `[${items.join(',')}]` };
}
