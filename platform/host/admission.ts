import type { HttpAnswer } from '../../functions/lib/ports.ts';
import { problem } from '../../functions/lib/problem.ts';
import type { StoreUnavailable } from '../../functions/lib/store/port.ts';

/**
 * What keeps answers quick and memory bounded when more comes than can be done: requests beyond it are refused before
 * they are parsed, so that the work goes into those that are taken.
 */
export interface Admission {
  /** Why the next piece of work is refused, if it is: asked when a request begins, and again when its work may begin. */
  refusal(): Refused | undefined;
  /** When a body of so many bytes may be worked on: at once, or when others are done. Throws {@link NoRoom}. */
  begin(bytes: number): Promise<void> | undefined;
  /** A request is under way. */
  enter(): void;
  /** Part of its body has come; throws {@link NoRoom} when that is more than may be held. */
  hold(bytes: number): void;
  /** It has its answer; so much had been held, and so much of it worked on. */
  leave(heldBytes: number, begunBytes: number): void;
}

export interface Refused {
  answer: HttpAnswer;
  /**
   * The connection is not read for so long, ms: whoever is told to wait, and does not, costs nothing meanwhile. A
   * refusal costs half of what a single sample does (HTTP alone), and a flood of them would be all that is done.
   */
  quietMs: number;
}

export class NoRoom extends Error {
  readonly refused: Refused;
  constructor(refused: Refused) {
    super('no room for another body');
    this.refused = refused;
  }
}

/**
 * Requests under way at most: some kilobytes each. With twice as many, V8 spends more on moving them about than on the
 * work (decisions/0012).
 */
const maxRequests = 2_048;
/** Of their bodies, bytes: what a small machine can spare. */
const maxBytes = 67_108_864;
/**
 * Of those that are being worked on, bytes: what is made of them is some three times as large, and must fit into the young
 * generation (decisions/0012). The others wait; one body alone may be larger.
 */
const maxBegunBytes = 4_194_304;
/** Of those that wait for it, bytes, or one alone: some full ones, and no more of an overload than is soon begun. */
const maxWaitingBytes = 12_582_912;
/** Work taken on in one turn of the event loop when turns are too long: whoever comes next waits for it, ms. */
const turnMs = 100;
/** Turns must have been too long for this before anybody is refused: one big batch is no overload, ms. */
const patienceMs = 500;

/** Made once, and in turns, so that those who were refused together do not come back together. */
const overloadedFor = [1, 2, 3].map(
  (retryAfterS): Refused => ({ answer: answerOf('overloaded', retryAfterS), quietMs: retryAfterS * 1_000 }),
);

function answerOf(code: 'overloaded' | 'store-unavailable', retryAfterS: number): HttpAnswer {
  const headers = { 'retry-after': String(retryAfterS) };
  return problem(code, { detail: 'nothing was stored; send it again', instance: '/ingest', headers });
}

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
  let begunBytes = 0;
  let waitingBytes = 0;
  /** Bodies that may not be worked on yet, the first one first. */
  const waiting: { bytes: number; begin(): void }[] = [];
  let inTurn = false;
  let turnStartedAt = 0;
  let turnEndedAt = Number.NEGATIVE_INFINITY;
  /** When a turn was last short enough. */
  let calmAt = 0;
  let turn = 0;

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

  function overloaded(): Refused {
    onRefusal('overloaded');
    turn = (turn + 1) % overloadedFor.length;
    return overloadedFor[turn] as Refused;
  }

  function storeUnavailable({ retryAfterS }: StoreUnavailable): Refused {
    onRefusal('store-unavailable');
    return { answer: answerOf('store-unavailable', retryAfterS), quietMs: 0 };
  }

  const fits = (bytes: number) => begunBytes === 0 || begunBytes + bytes <= maxBegunBytes;

  return {
    refusal() {
      if (turnIsFull() || requests > maxRequests) return overloaded();
      const busy = storeBusy();
      return busy && storeUnavailable(busy);
    },
    begin(bytes) {
      if (waiting.length === 0 && fits(bytes)) {
        begunBytes += bytes;
        return undefined;
      }
      if (waiting.length > 0 && waitingBytes + bytes > maxWaitingBytes) throw new NoRoom(overloaded());
      waitingBytes += bytes;
      return new Promise((begin) => waiting.push({ bytes, begin }));
    },
    enter() {
      requests++;
    },
    hold(bytes) {
      heldBytes += bytes;
      if (heldBytes > maxBytes) throw new NoRoom(overloaded());
    },
    leave(held, begun) {
      requests--;
      heldBytes -= held;
      begunBytes -= begun;
      for (let [next] = waiting; next && fits(next.bytes); [next] = waiting) {
        waiting.shift();
        waitingBytes -= next.bytes;
        begunBytes += next.bytes;
        next.begin();
      }
    },
  };
}
