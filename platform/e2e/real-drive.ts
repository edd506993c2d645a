import { existsSync, readFileSync } from 'node:fs';
import { columnByName, type NumericField } from '../../functions/lib/telemetry/columns.ts';
import type { ReportedSample } from '../../functions/lib/telemetry/sample.ts';

/** A drive of a real car, kept beside the checkout because it is not ours to publish. */
const file = new URL('../../../shared/data/real-drive.geojson', import.meta.url);

export const hasRealDrive = existsSync(file);

/** What the recording calls its values. Its GPS accuracy is a percentage, and no field of ours. */
const fields: Record<string, NumericField> = {
  Speed: 'speedKmh',
  'GPS Speed': 'gpsSpeedKmh',
  Rpm: 'engineRpm',
  'Calculated MAF': 'mafGps',
  'Engine Load': 'engineLoadPct',
  'Throttle Position': 'throttlePct',
  'Intake Pressure': 'manifoldKpa',
  'Intake Temperature': 'intakeAirC',
  'GPS Altitude': 'altitudeM',
  'GPS Bearing': 'headingDeg',
  Consumption: 'fuelRateLph',
};

interface Recording {
  features: {
    geometry: { coordinates: [longitude: number, latitude: number] };
    properties: { time: string; phenomenons: Record<string, { value: number }> };
  }[];
}

/** The drive, moved by whole seconds so that its last sample is an hour old, and how far it was moved. */
export function realDrive(): { samples: ReportedSample[]; shiftMs: number } {
  const { features }: Recording = JSON.parse(readFileSync(file, 'utf8'));
  const lastMs = Date.parse(features.at(-1)?.properties.time ?? '');
  const shiftMs = Math.floor((Date.now() - 3_600_000 - lastMs) / 1_000) * 1_000;
  const samples = features.map(({ geometry, properties: { time, phenomenons } }) => {
    const [longitude, latitude] = geometry.coordinates;
    return {
      time: new Date(Date.parse(time) + shiftMs).toISOString(),
      latitude,
      longitude,
      ...Object.fromEntries(Object.entries(phenomenons).flatMap(([name, { value }]) => fieldOf(name, value))),
    };
  });
  return { samples, shiftMs };
}

function fieldOf(name: string, value: number): [NumericField, number][] {
  const field = fields[name];
  const column = field && columnByName.get(field);
  return column && value >= column.min && value <= column.max ? [[field, value]] : [];
}
