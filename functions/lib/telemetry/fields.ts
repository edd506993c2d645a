import { z } from 'zod';

/**
 * The fields of a sample, written once here: its TypeScript type, the JSON Schema, the OpenAPI text and the columns of the
 * stores all come from them. Units are last in the names.
 *
 * Sources: COVESA VSS 4.0 (`vss`), SAE J1979 mode 01 (`pid`, hexadecimal), plausibility bounds of SAE J1979.
 */

/** What a field says about itself beside its bounds. */
export interface FieldMeta {
  description: string;
  unit?: string;
  /** Mode-01 PID in hexadecimal that carries this field. */
  pid?: string;
  /** Path under `Vehicle.` in COVESA VSS 4.0. */
  vss?: string;
  /** What a rollup keeps: everything (default), no arithmetic mean or sum (headings, positions), or nothing. */
  rollup?: 'full' | 'noMean' | 'none';
  /** Written by `enrich` alone; a client that sends it is refused. */
  derived?: true;
}

const number = (min: number, max: number, meta: FieldMeta) =>
  z
    .number()
    .min(min)
    .max(max)
    .optional()
    .meta({ ...meta });
const integer = (min: number, max: number, meta: FieldMeta) =>
  z
    .int()
    .min(min)
    .max(max)
    .optional()
    .meta({ ...meta });
const flag = (meta: FieldMeta) =>
  z
    .boolean()
    .optional()
    .meta({ ...meta });
/** No store keeps half a surrogate pair: it would become another character in silence. */
const wellFormed = (maxLength: number) =>
  z
    .string()
    .min(1)
    .max(maxLength)
    .refine((text) => text.isWellFormed(), 'has a surrogate without its other half');
const text = (maxLength: number, meta: FieldMeta) =>
  wellFormed(maxLength)
    .optional()
    .meta({ ...meta });
const lines = (maxItems: number, maxLength: number, meta: FieldMeta) =>
  z
    .array(wellFormed(maxLength))
    .max(maxItems)
    .optional()
    .meta({ ...meta });

/** Fields a client may report, in the order of the documentation. */
export const reportedFields = {
  speedKmh: number(0, 400, { description: 'Road speed by OBD-II', unit: 'km/h', pid: '0D', vss: 'OBD.Speed' }),
  latitude: number(-90, 90, {
    description: 'Latitude, WGS 84',
    unit: 'deg',
    vss: 'CurrentLocation.Latitude',
    rollup: 'noMean',
  }),
  longitude: number(-180, 180, {
    description: 'Longitude, WGS 84',
    unit: 'deg',
    vss: 'CurrentLocation.Longitude',
    rollup: 'noMean',
  }),
  gpsAccuracyM: number(0, 100_000, {
    description: 'Horizontal accuracy of the position',
    unit: 'm',
    vss: 'CurrentLocation.HorizontalAccuracy',
  }),
  headingDeg: number(0, 360, {
    description: 'Course over ground, clockwise from north',
    unit: 'deg',
    vss: 'CurrentLocation.Heading',
    rollup: 'noMean',
  }),
  altitudeM: number(-500, 9_000, {
    description: 'Altitude above mean sea level',
    unit: 'm',
    vss: 'CurrentLocation.Altitude',
  }),
  gpsSpeedKmh: number(0, 400, { description: 'Speed by GPS', unit: 'km/h', vss: 'CurrentLocation.Speed' }),
  engineRpm: number(0, 16_383.75, { description: 'Engine speed', unit: 'rpm', pid: '0C', vss: 'OBD.EngineSpeed' }),
  ignitionOn: flag({
    description: 'Ignition on; derived from engineRpm > 0 where not reported',
    vss: 'LowVoltageSystemState',
  }),
  engineLoadPct: number(0, 100, { description: 'Calculated engine load', unit: '%', pid: '04', vss: 'OBD.EngineLoad' }),
  coolantC: number(-40, 215, {
    description: 'Coolant temperature',
    unit: '°C',
    pid: '05',
    vss: 'OBD.CoolantTemperature',
  }),
  shortFuelTrimPct: number(-100, 100, {
    description: 'Short-term fuel trim, bank 1',
    unit: '%',
    pid: '06',
    vss: 'OBD.ShortTermFuelTrim1',
  }),
  longFuelTrimPct: number(-100, 100, {
    description: 'Long-term fuel trim, bank 1',
    unit: '%',
    pid: '07',
    vss: 'OBD.LongTermFuelTrim1',
  }),
  fuelPressureKpa: number(0, 765, {
    description: 'Fuel pressure (gauge)',
    unit: 'kPa',
    pid: '0A',
    vss: 'OBD.FuelPressure',
  }),
  manifoldKpa: number(0, 255, {
    description: 'Intake manifold absolute pressure',
    unit: 'kPa',
    pid: '0B',
    vss: 'OBD.MAP',
  }),
  timingAdvanceDeg: number(-64, 63.5, {
    description: 'Timing advance before top dead centre',
    unit: 'deg',
    pid: '0E',
    vss: 'OBD.TimingAdvance',
  }),
  intakeAirC: number(-40, 215, { description: 'Intake air temperature', unit: '°C', pid: '0F', vss: 'OBD.IntakeTemp' }),
  mafGps: number(0, 655.35, { description: 'Mass air flow', unit: 'g/s', pid: '10', vss: 'OBD.MAF' }),
  throttlePct: number(0, 100, { description: 'Throttle position', unit: '%', pid: '11', vss: 'OBD.ThrottlePosition' }),
  engineRunTimeS: number(0, 65_535, {
    description: 'Time since engine start',
    unit: 's',
    pid: '1F',
    vss: 'OBD.RunTime',
  }),
  distanceWithMilKm: number(0, 65_535, {
    description: 'Distance driven with the MIL on',
    unit: 'km',
    pid: '21',
    vss: 'OBD.DistanceWithMIL',
  }),
  fuelLevelPct: number(0, 100, { description: 'Fuel level', unit: '%', pid: '2F', vss: 'OBD.FuelLevel' }),
  distanceSinceClearKm: number(0, 65_535, {
    description: 'Distance since the codes were cleared',
    unit: 'km',
    pid: '31',
    vss: 'OBD.DistanceSinceDTCClear',
  }),
  barometricKpa: number(0, 255, {
    description: 'Barometric pressure',
    unit: 'kPa',
    pid: '33',
    vss: 'OBD.BarometricPressure',
  }),
  batteryV: number(0, 65.535, {
    description: 'Control module voltage',
    unit: 'V',
    pid: '42',
    vss: 'OBD.ControlModuleVoltage',
  }),
  ambientC: number(-40, 215, {
    description: 'Ambient air temperature',
    unit: '°C',
    pid: '46',
    vss: 'OBD.AmbientAirTemperature',
  }),
  hybridBatteryPct: number(0, 100, {
    description: 'Hybrid or electric battery, remaining charge',
    unit: '%',
    pid: '5B',
    vss: 'OBD.HybridBatteryRemaining',
  }),
  oilC: number(-40, 215, { description: 'Engine oil temperature', unit: '°C', pid: '5C', vss: 'OBD.OilTemperature' }),
  fuelRateLph: number(0, 3_276.75, {
    description: 'Fuel rate as the engine reports it',
    unit: 'l/h',
    pid: '5E',
    vss: 'OBD.FuelRate',
  }),
  odometerKm: number(0, 429_496_729.5, { description: 'Odometer', unit: 'km', pid: 'A6', vss: 'TraveledDistance' }),
  milOn: flag({ description: 'Malfunction indicator lamp on', pid: '01', vss: 'OBD.Status.IsMILOn' }),
  dtcCount: number(0, 127, {
    description: 'Number of confirmed trouble codes',
    unit: 'n',
    pid: '01',
    vss: 'OBD.Status.DTCCount',
  }),
  accelLongMps2: number(-100, 100, {
    description: 'Longitudinal acceleration',
    unit: 'm/s²',
    vss: 'Acceleration.Longitudinal',
  }),
  accelLatMps2: number(-100, 100, { description: 'Lateral acceleration', unit: 'm/s²', vss: 'Acceleration.Lateral' }),
  driver: text(64, { description: 'Driver id', vss: 'Driver.Identifier.Subject' }),
  seq: integer(0, Number.MAX_SAFE_INTEGER, {
    description: 'Sequence number of the device, for finding gaps',
    rollup: 'none',
  }),
  bootId: text(64, { description: "Id of the device's boot that seq counts in" }),
  obd: lines(64, 1_024, { description: 'Raw OBD-II answers as the adapter gave them; enrich decodes them' }),
  dtc: lines(64, 1_024, {
    description: 'Trouble codes (P0133) or raw answers of modes 03, 07, 0A; an empty list says that there are none',
    vss: 'OBD.DTCList',
  }),
};

/** Fields that `enrich` adds to the row of a sample. */
export const derivedFields = {
  fuelRateEstimateLph: number(0, 1_000, {
    description: 'Fuel rate estimated from mass air flow',
    unit: 'l/h',
    derived: true,
  }),
  codesStored: lines(127, 5, { description: 'Stored trouble codes, decoded', derived: true }),
  codesPending: lines(127, 5, { description: 'Pending trouble codes, decoded', derived: true }),
  codesPermanent: lines(127, 5, { description: 'Permanent trouble codes, decoded', derived: true }),
  flags: lines(16, 32, { description: 'Plausibility flags', derived: true }),
};
