import type { HttpAnswer } from '../../functions/lib/ports.ts';
import { problem } from '../../functions/lib/problem.ts';
import type { StoreUnavailable } from '../../functions/lib/store/port.ts';

/**
 * What keeps answers quick and memory bounded when more comes than can be done: requests beyond it are refused before
 * they are parsed, which costs a fifth of taking one, so that the work goes into those that are taken.
 */
export interface Admission {
  /** Why the next piece of work is refused, if it is: asked when a request begins, and again when its body is there. */
  refusal(): HttpAnswer | undefined;
  /** A request is under way. */
  enter(): void;
  /** Part of its body has come; throws {@link NoRoom} when that is more than may be held. */
  hold(bytes: number): void;
  /** It has its answer; so much had been held. */
  leave(bytes: number): void;
}

/** Answers of `POST /ingest` when there is too much of it. */
export class NoRoom extends Error {
  readonly answer: HttpAnswer;
  constructor(answer: HttpAnswer) {
    super('no room for another body');
    this.answer = answer;
  }
}

/** Requests under way at most: some kilobytes each. */
const maxRequests = 4_096;
/** Of their bodies, bytes: what a small machine can spare. */
const maxBytes = 67_108_864;
/** Work taken on in one turn of the event loop when turns are too long: whoever comes next waits for it, ms. */
const turnMs = 100;
/** Turns must have been too long for this before anybody is refused: one big batch is no overload, ms. */
const patienceMs = 500;

/**
 * While the event loop is busy, requests wait in the system's sockets, so the length of its turns is how long answers
 * take.
 *
 * @param storeBusy why the store would refuse an append, if it would
 * @param onRefusal told the code of each refusal
 */
export function createAdmission(
  storeBusy: () => StoreUnavailable | undefined,
  onRefusal: (code: string) => void,
  now: () => number = () => performance.now(),
): Admission {
  let requests = 0;
  let heldBytes = 0;
  let inTurn = false;
  let turnStartedAt = 0;
  let turnEndedAt = Number.NEGATIVE_INFINITY;
  /** When a turn was last short enough. */
  let calmAt = 0;

  function endTurn(): void {
    inTurn = false;
    turnEndedAt = now();
    if (turnEndedAt - turnStartedAt <= turnMs) calmAt = turnEndedAt;
  }

  function turnIsFull(): boolean {
    const at = now();
    if (!inTurn) {
      inTurn = true;
      turnStartedAt = at;
      setImmediate(endTurn);
      // Nobody has asked for a while.
      if (at - turnEndedAt > patienceMs) calmAt = at;
    }
    return at - turnStartedAt > turnMs && at - calmAt > patienceMs;
  }

  function refuse(code: 'overloaded' | 'store-unavailable', retryAfterS = 1): HttpAnswer {
    onRefusal(code);
    const headers = { 'retry-after': String(retryAfterS) };
    return problem(code, { detail: 'nothing was stored; send it again', instance: '/ingest', headers });
  }

  return {
    refusal() {
      if (turnIsFull() || requests > maxRequests) return refuse('overloaded');
      const busy = storeBusy();
      return busy && refuse('store-unavailable', busy.retryAfterS);
    },
    enter() {
      requests++;
    },
    hold(bytes) {
      heldBytes += bytes;
      if (heldBytes > maxBytes) throw new NoRoom(refuse('overloaded'));
    },
    leave(bytes) {
      requests--;
      heldBytes -= bytes;
    },
  };
}
