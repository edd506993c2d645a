import type { Device } from './device.ts';
import type { Motion } from './driver.ts';
import { endMsOf, movementAt } from './motion.ts';
import type { Random } from './random.ts';

/** From the first instant up to, not including, the last, ms. */
export interface Window {
  fromMs: number;
  toMs: number;
}

/** What goes wrong between a device and the server during a drive. */
export interface Outages {
  /** The device says nothing: rebooting, unplugged. */
  silences: readonly Window[];
  /** No position, other than in a tunnel. */
  gpsLosses: readonly Window[];
  /** No network: samples are kept and delivered later. */
  offline: readonly Window[];
}

/** Lengths, s. Silences stay far below the 300 s that would end a trip. */
const silenceS = [40, 150] as const;
const gpsLossS = [5, 20] as const;
const offlineS = [60, 420] as const;
/** Nothing goes wrong so near to the start and the end of a drive, s: what begins and ends a trip is always seen. */
const marginS = 120;

export function planOutages(device: Device, motion: Motion, random: Random): Outages {
  const windows = (chance: number, [shortest, longest]: readonly [number, number], moving: boolean): Window[] => {
    if (!random.chance(chance)) return [];
    const lengthMs = random.integer(shortest, longest) * 1_000;
    const firstMs = motion.startMs + marginS * 1_000;
    const lastMs = endMsOf(motion) - marginS * 1_000 - lengthMs;
    if (lastMs <= firstMs) return [];
    const fromMs = Math.floor(random.between(firstMs, lastMs));
    const window = { fromMs, toMs: fromMs + lengthMs };
    return moving && !keepsMoving(motion, window) ? [] : [window];
  };
  return {
    silences: windows(device.silenceChance, silenceS, true),
    gpsLosses: device.gps ? windows(0.3, gpsLossS, false) : [],
    offline: windows(device.offlineChance, offlineS, false),
  };
}

export function isWithin(windows: readonly Window[], atMs: number): boolean {
  return windows.some(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs);
}

/** When a sample reaches the server: at once, or some seconds after the network is back, in any order. */
export function deliveryMs(offline: readonly Window[], atMs: number, random: Random): number {
  const window = offline.find(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs);
  return window ? window.toMs + random.integer(5_000, 40_000) : atMs;
}

/** A silence over a standstill would leave open when a stop began; such a silence is left out. */
function keepsMoving(motion: Motion, { fromMs, toMs }: Window): boolean {
  for (let atMs = fromMs; atMs <= toMs; atMs += 1_000) {
    if (movementAt(motion, atMs).speedMps < 3) return false;
  }
  return true;
}
