import { bad, celsius, count, duration, kmh, type Look, metres, percent, steps } from './look.ts';

/** Moving is green everywhere, idling orange, parked blue, offline grey; what is bad is red. */
export const stateWords = {
  moving: { text: 'Moving', colour: 'green' },
  idle: { text: 'Idling', colour: 'orange' },
  parked: { text: 'Parked', colour: 'blue' },
  offline: { text: 'Offline', colour: '#7d8085' },
};

/** What a vehicle tells of itself. */
export const sensorLooks = {
  vehicle: { name: 'Vehicle', link: 'vehicle' },
  state: { name: 'State', words: stateWords, cell: 'colour', width: 90 },
  seen: { name: 'Last sample', unit: 'dateTimeFromNow', width: 130 },
  silentS: { name: 'Silent for', ...duration, min: 0, max: 86_400, steps: bad(900, 86_400) },

  speedKmh: { name: 'Speed', ...kmh, colour: 'blue' },
  gpsSpeedKmh: { name: 'Speed by GPS', ...kmh, colour: 'light-blue' },
  engineRpm: { name: 'Engine speed', unit: 'rotrpm', decimals: 0, min: 0, colour: 'purple', axis: 'right' },
  engineLoadPct: { name: 'Engine load', ...percent, colour: 'orange' },
  throttlePct: { name: 'Throttle', ...percent, colour: 'yellow' },
  coolantC: {
    name: 'Coolant',
    ...celsius,
    steps: steps('blue', [60, 'green'], [105, 'orange'], [115, 'red']),
  },
  intakeAirC: { name: 'Intake air', ...celsius, colour: 'yellow' },
  ambientC: { name: 'Outside', ...celsius, colour: 'light-blue' },
  batteryV: {
    name: 'Voltage',
    unit: 'volt',
    decimals: 1,
    steps: steps('red', [11.8, 'orange'], [12.2, 'green'], [15, 'red']),
  },
  fuelLevelPct: { name: 'Fuel level', ...percent, steps: steps('red', [10, 'orange'], [20, 'green']) },
  odometerKm: { name: 'Odometer', unit: 'lengthkm', decimals: 0, colour: 'purple' },
  dtcCount: { name: 'Codes', ...count, steps: steps('green', [1, 'red']) },
  altitudeM: { name: 'Altitude', ...metres, colour: 'semi-dark-green' },
  gpsAccuracyM: { name: 'Accuracy', ...metres, min: 0, steps: bad(20, 50) },
  latitude: { name: 'Latitude', unit: 'degree', decimals: 5 },
  longitude: { name: 'Longitude', unit: 'degree', decimals: 5 },

  event: {
    name: 'Event',
    words: {
      'code-set': { text: 'Code set', colour: 'red' },
      'code-cleared': { text: 'Code cleared', colour: 'green' },
      'harsh-acceleration': { text: 'Harsh acceleration', colour: 'orange' },
      'harsh-braking': { text: 'Harsh braking', colour: 'red' },
    },
    cell: 'colour',
  },
  troubleCode: { name: 'Code' },
  since: { name: 'Since', unit: 'dateTimeAsIso', width: 170 },
  mps2: { name: 'Acceleration', unit: 'accMS2', decimals: 1 },
} satisfies Record<string, Look>;
