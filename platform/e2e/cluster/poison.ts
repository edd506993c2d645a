import { eventTypes } from '../../../functions/lib/telemetry/events.ts';

/** What `enrich` refuses for good, whenever it comes. */
export const poison = {
  specversion: '1.0',
  source: '/e2e',
  type: eventTypes.accepted,
  subject: 'e2e-poison',
  datacontenttype: 'application/json',
  data: { vehicle: 'not a vehicle', fromMs: 'yesterday' },
} as const;
