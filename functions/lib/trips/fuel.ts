/** Litres by one rate, trapezoid over steps up to `maxStepS`, and for how many seconds. */
export class FuelTally {
  l = 0;
  coveredS = 0;
  #last: { timeMs: number; rateLph: number } | null = null;

  add(timeMs: number, rateLph: number | undefined, maxStepS: number): void {
    if (rateLph === undefined) return;
    const last = this.#last;
    this.#last = { timeMs, rateLph };
    if (!last) return;
    const stepS = (timeMs - last.timeMs) / 1000;
    if (stepS > maxStepS) return;
    this.l += (((last.rateLph + rateLph) / 2) * stepS) / 3600;
    this.coveredS += stepS;
  }

  clone(): FuelTally {
    const copy = new FuelTally();
    copy.l = this.l;
    copy.coveredS = this.coveredS;
    copy.#last = this.#last;
    return copy;
  }
}

export interface FuelUsed {
  fuelL: number | null;
  fuelMethod: 'measured' | 'estimated' | null;
}

/** Measured by the engine where that covers more of the trip, else estimated from air flow, and it says which. */
export function fuelUsed(measured: FuelTally, estimated: FuelTally): FuelUsed {
  if (measured.coveredS > 0 && measured.coveredS >= estimated.coveredS / 2)
    return { fuelL: measured.l, fuelMethod: 'measured' };
  if (estimated.coveredS > 0) return { fuelL: estimated.l, fuelMethod: 'estimated' };
  return { fuelL: null, fuelMethod: null };
}
