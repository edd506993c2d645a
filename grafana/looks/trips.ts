import { bad, count, duration, hours, km, kmh, type Look, percent, steps } from './look.ts';

/** What trips say, one by one and summed up. */
export const tripLooks = {
  status: {
    name: 'Status',
    words: {
      driving: { text: 'Driving', colour: 'green' },
      paused: { text: 'Paused', colour: 'orange' },
      ended: { text: 'Ended', colour: 'blue' },
    },
    cell: 'colour',
    width: 90,
  },
  durationS: { name: 'Duration', ...duration },
  movingS: { name: 'Moving', ...duration },
  idleS: { name: 'Idling', ...duration },
  gapS: { name: 'Gaps', ...duration, steps: bad(60, 600) },
  coveragePct: { name: 'Coverage', ...percent, steps: steps('red', [80, 'orange'], [95, 'green']) },
  sampleCount: { name: 'Samples', ...count },
  movingAvgSpeedKmh: { name: 'Average while moving', ...kmh },
  maxSpeedKmh: { name: 'Top speed', ...kmh, steps: bad(130, 160) },
  endedBy: { name: 'Ended by', width: 90 },
  flags: { name: 'Flags', width: 80 },
  fromMs: { name: 'From', cell: 'hidden' },
  toMs: { name: 'To', cell: 'hidden' },
  method: { name: 'Method' },
  counts: { name: 'Counts', width: 70 },

  trips: { name: 'Trips', ...count },
  distanceKm: { name: 'Distance', ...km },
  avgTripKm: { name: 'Average trip', ...km },
  drivenH: { name: 'Engine hours', ...hours },
  movingH: { name: 'Moving', ...hours, colour: 'green' },
  idleH: { name: 'Idling', ...hours, colour: 'orange' },
  idlePct: { name: 'Idle share', ...percent, steps: bad(15, 30), cell: 'bar' },
  fuelL: { name: 'Fuel', unit: 'litre', decimals: 1 },
  litresPer100Km: { name: 'Per 100 km', unit: 'litre', decimals: 1 },
  harsh: { name: 'Harsh events', ...count, steps: bad(1, 5) },
  harshAccelerations: { name: 'Accelerations', ...count, colour: 'orange' },
  harshBrakings: { name: 'Brakings', ...count, colour: 'red' },
  harshPer100Km: { name: 'Harsh per 100 km', unit: 'none', decimals: 2, min: 0, steps: bad(2, 5) },
} satisfies Record<string, Look>;
