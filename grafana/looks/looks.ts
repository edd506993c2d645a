import type { Look } from './look.ts';
import { pipelineLooks } from './pipeline.ts';
import { sensorLooks } from './sensors.ts';
import { tripLooks } from './trips.ts';

/** The time of a row; charts have an axis for it. */
export const timeLook: Look = { name: 'Time', unit: 'dateTimeAsIso', width: 170 };

/** How each column and series looks in every dashboard: one name, unit and colour for one thing. */
export const looks: Record<string, Look> = {
  ...sensorLooks,
  ...tripLooks,
  ...pipelineLooks,
};
