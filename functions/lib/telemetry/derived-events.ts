import { type CloudEvent, eventTypes } from './events.ts';

/** The envelope of an event that a function derives; `source` names the function, ids are deterministic. */
export function derivedEvent(
  event: Pick<CloudEvent, 'id' | 'source' | 'type'> & {
    subject?: string;
    timeMs: number;
    data: unknown;
  },
): CloudEvent {
  const { id, source, type, subject, timeMs, data } = event;
  return {
    specversion: '1.0',
    id,
    source,
    type,
    ...(subject !== undefined && { subject }),
    time: isoTime(timeMs),
    datacontenttype: 'application/json',
    data,
  };
}

let latest = { timeMs: 0, text: new Date(0).toISOString() };

/** Many events are of the same millisecond, and the text is a third of what an envelope costs. */
function isoTime(timeMs: number): string {
  if (timeMs !== latest.timeMs) latest = { timeMs, text: new Date(timeMs).toISOString() };
  return latest.text;
}

/** The event that tells of an alert, by either function that derives them. */
export function alertEvent(
  alert: { vehicle: string; timeMs: number; kind: string; detail: string },
  source: string,
): CloudEvent {
  const { vehicle, timeMs, kind, detail } = alert;
  const id = `${vehicle}/${timeMs}/${kind}/${detail}`;
  return derivedEvent({
    id,
    source,
    type: eventTypes.alert,
    subject: vehicle,
    timeMs,
    data: alert,
  });
}
