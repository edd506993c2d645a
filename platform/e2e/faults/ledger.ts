import { defaultDevice, type ReportedSample } from '../../../functions/lib/telemetry/sample.ts';

/** What a client knows of the samples of one vehicle: all it ever sent, and what of it was answered 202. */
export interface Entry {
  sent: Map<string, ReportedSample>;
  acknowledged: Set<string>;
}

/** The list of acknowledged requests, by vehicle: what the oracle holds the server to. */
export class Ledger {
  readonly vehicles = new Map<string, Entry>();
  /** Keys acknowledged since {@link takeRecent} was last called, by vehicle. */
  #recent = new Map<string, ReportedSample[]>();
  readonly counts = { requests: 0, acknowledged: 0, unanswered: 0, refused: 0, busy: 0 };

  /** Before a request goes out. */
  send(vehicle: string, samples: readonly ReportedSample[]): void {
    const { sent } = this.of(vehicle);
    for (const sample of samples) sent.set(keyOf(sample), sample);
  }

  /** After its 202. */
  acknowledge(vehicle: string, samples: readonly ReportedSample[]): void {
    const { acknowledged } = this.of(vehicle);
    for (const sample of samples) acknowledged.add(keyOf(sample));
    this.#recent.set(vehicle, [...(this.#recent.get(vehicle) ?? []), ...samples]);
  }

  takeRecent(): Map<string, ReportedSample[]> {
    const recent = this.#recent;
    this.#recent = new Map();
    return recent;
  }

  of(vehicle: string): Entry {
    const entry = this.vehicles.get(vehicle) ?? { sent: new Map(), acknowledged: new Set() };
    this.vehicles.set(vehicle, entry);
    return entry;
  }
}

/** The identity of a sample within its vehicle (DESIGN §4). */
export function keyOf({ time, device = defaultDevice }: { time: string; device?: string | undefined }): string {
  return `${Date.parse(time)} ${device}`;
}
