import { decodeInfo } from './decode-info.ts';
import type { Sink } from './sink.ts';

interface Series {
  readonly ecu: string | undefined;
  readonly pid: number;
  readonly parts: Uint8Array[];
  broken: boolean;
}

/** How many messages a complete series has; the others may have any number (ISO 15031-5, 7.9.4.2). */
const WHOLE: Readonly<Record<number, number>> = { 2: 5, 4: 4, 10: 5 };

/**
 * Mode 09 on buses without ISO-TP: `49 02 01 00 00 00 31`, `49 02 02 44 34 47 50`, …, four bytes per message and
 * numbered from 1. Without headers two ECUs that answer at once cannot be told apart; such a mix is refused.
 */
export class LegacyInfo {
  #series: Series[] = [];

  add(ecu: string | undefined, pid: number, number: number, part: Uint8Array, sink: Sink): void {
    const last = this.#series.findLast((series) => series.ecu === ecu && series.pid === pid);
    if (number === 1) {
      const mixed = last !== undefined && !isWhole(last);
      if (mixed) last.broken = true;
      this.#series.push({ ecu, pid, parts: [part], broken: mixed });
    } else if (last !== undefined && number === last.parts.length + 1) {
      last.parts.push(part);
    } else {
      if (last !== undefined) last.broken = true;
      sink.error('out-of-sequence', `message ${number} of type ${pid}`, { ecu, mode: 9, pid });
    }
  }

  finish(sink: Sink): void {
    for (const series of this.#series) {
      const { ecu, pid } = series;
      if (series.broken) {
        sink.error('ambiguous', 'messages of several ECUs, or some are missing', { ecu, mode: 9, pid });
      } else if (isWhole(series)) {
        const data = new Uint8Array(series.parts.length * 4);
        for (const [index, part] of series.parts.entries()) data.set(part, index * 4);
        decodeInfo(pid, data, ecu, sink);
      } else {
        sink.error('incomplete', `only ${series.parts.length} messages`, { ecu, mode: 9, pid });
      }
    }
    this.#series = [];
  }
}

function isWhole(series: Series): boolean {
  return series.parts.length % (WHOLE[series.pid] ?? 1) === 0;
}
