import type { HttpAnswer, Ports } from '../lib/ports.ts';
import type { View } from './access.ts';

/** A request to a route, after routing and authorisation. */
export interface ApiRequest {
  /** Value of the `{id}` in the path, or empty. */
  id: string;
  query: URLSearchParams;
  view: View;
  nowMs: number;
  /** Scheme, host and port the client reached us by, for the examples on the page. */
  origin: string;
  ports: Ports;
}

export type ApiHandler = (request: ApiRequest) => HttpAnswer | Promise<HttpAnswer>;
