/** Something in a car that reports: a dongle, a phone, or a small computer that is both. */
export interface Device {
  /** Absent: the vehicle's default device. */
  id?: string;
  gps: boolean;
  /** How it reports what the car's own bus says. */
  obd: 'none' | 'decoded' | 'raw';
  /** What this car's bus answers beside the usual. */
  extras: readonly ('odometerKm' | 'fuelRateLph')[];
  intervalMs: number;
  /** Samples are taken so long after the full interval, ms: two devices never share a clock. */
  phaseMs: number;
  /** Parked, it reports this often for half an hour, s; 0: it stops reporting. */
  heartbeatS: number;
  /** Chance that a drive has a silence, and that it has a time without network. */
  silenceChance: number;
  offlineChance: number;
}

/** A small computer with GPS on the bus, that never fails. */
export const defaultBox: Device = {
  gps: true,
  obd: 'decoded',
  extras: [],
  intervalMs: 1_000,
  phaseMs: 0,
  heartbeatS: 60,
  silenceChance: 0,
  offlineChance: 0,
};
