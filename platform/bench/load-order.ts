import type { Series } from './requests.ts';

/** What the load generator is told to do, over IPC. */
export interface LoadOrder extends Series {
  port: number;
  token: string;
  connections: number;
  /** Number of the first request in the series. */
  first: number;
  /** Ends after this long, or after so many requests, whichever comes first. */
  forMs?: number;
  requests?: number;
  /** Without it, each connection sends as soon as it has its answer. */
  requestsPerS?: number;
}

/** What it answers when every request has its answer. */
export interface LoadResult {
  /** Requests answered 202; anything else ends the run with an error. */
  acked: number;
  /** From the first byte sent to the last answer, ms. */
  elapsedMs: number;
  /** From sending a request to its answer, ms. */
  p50Ms: number;
  p99Ms: number;
}

/** An order that could not be carried out. */
export interface LoadFailure {
  failed: string;
}
