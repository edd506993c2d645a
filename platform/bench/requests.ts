/** Distinct samples, as many as are asked for, as `POST /ingest` requests ready for a socket. */
export interface Series {
  vehicles: number;
  /** CloudEvents in a request: 1 is structured mode, more are a JSON batch. */
  eventsPerRequest: number;
  /** Time of each vehicle's first sample, ms since the epoch; the next ones follow each second. */
  fromMs: number;
}

/**
 * The request with this number. A request is of one vehicle, as an edge client sends what it has kept; the next one is of
 * the next vehicle.
 */
export function requestOf({ vehicles, eventsPerRequest, fromMs }: Series, number: number, head: string): string {
  const vehicle = number % vehicles;
  const second = Math.floor(number / vehicles) * eventsPerRequest;
  if (eventsPerRequest === 1) {
    return framed(head, 'application/cloudevents+json', eventOf(vehicle, second, fromMs));
  }
  let body = '';
  for (let i = 0; i < eventsPerRequest; i++) body += `${i === 0 ? '[' : ','}${eventOf(vehicle, second + i, fromMs)}`;
  return framed(head, 'application/cloudevents-batch+json', `${body}]`);
}

/** What stays the same in every request of a run: request line, host and token. */
export function requestHead(port: number, token: string): string {
  return `POST /ingest HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n`;
}

/** ASCII throughout, so that characters are bytes. */
function framed(head: string, type: string, body: string): string {
  return `${head}Content-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** One CloudEvent of about 430 bytes: ten fields beside the time, changing as they do in a car that drives. */
function eventOf(vehicle: number, second: number, fromMs: number): string {
  const time = new Date(fromMs + second * 1_000).toISOString();
  const name = `car-${vehicle}`;
  const speedKmh = 50 + (second % 30);
  return `{"specversion":"1.0","id":"01J8ZQ5T2M4K7N9P-${vehicle}-${second}","source":"/edge/${name}","type":"fleet.telemetry.reported","subject":"${name}","time":"${time}","datacontenttype":"application/json","data":{"time":"${time}","speedKmh":${speedKmh}.5,"latitude":${(48.1 + (second % 90_000) * 1.25e-4).toFixed(6)},"longitude":11.${575_000 + (vehicle % 1_000)},"headingDeg":${second % 360},"altitudeM":519.25,"engineRpm":${1_500 + speedKmh * 10}.75,"engineLoadPct":34.5,"coolantC":88,"throttlePct":18.4,"fuelLevelPct":61.2}}`;
}
