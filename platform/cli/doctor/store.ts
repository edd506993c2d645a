import type { StoreFacts, Waiting } from '../../../functions/lib/store/sqlite/inspect.ts';
import { check, type Finding, megabytes, span } from './finding.ts';

/** Receipts are derived within seconds; the sweep, every 5 minutes, takes up those that got stuck. */
const mostPendingMs = 10 * 60_000;
/** Rollups come with the 5-minute tick, a tier each. */
const mostUnrolledMs = 20 * 60_000;
/** Sealing is done by the hour. */
const mostUnsealedMs = 2 * 86_400_000;
/** A clock may be slewed by this without harm. */
const slackMs = 60_000;
/** The log is taken into the file long before; a reader that never ends keeps it. */
const mostLogBytes = 1e9;
/** A clock before this was never set: this was written later. */
const notBeforeMs = Date.UTC(2025, 0);

export interface Setting {
  nowMs: number;
  /** Whether something works off what waits. */
  serverUp: boolean;
}

/** Every check of what the store says about itself. */
export function checkStore(facts: StoreFacts, setting: Setting): Finding[] {
  return [
    integrity(facts),
    ...clock(facts, setting.nowMs),
    waiting('trips', facts.pending, mostPendingMs, setting),
    waiting('rollups', facts.rollup, mostUnrolledMs, setting),
    ...seals(facts, setting.nowMs),
    deadLetters(facts, setting.nowMs),
  ];
}

function integrity({ faults, newerVersion, bytes, logBytes }: StoreFacts): Finding {
  const { ok, hint, problem } = check('store');
  const restore = 'stop the server, keep a copy of the file, and fleet restore the last backup with --force';
  if (faults.length > 0) return problem(`SQLite finds it damaged: ${faults.join('; ').slice(0, 300)}`, restore);
  if (newerVersion) return problem('it was written by a newer version of the program', 'start that version');
  if (logBytes > mostLogBytes) {
    return hint(
      `its log has grown to ${megabytes(logBytes)}`,
      'end what reads the file for hours, or restart the server',
    );
  }
  return ok(`whole, ${megabytes(bytes)}`);
}

function clock({ newestReceivedMs, stepBack, aheadErasures }: StoreFacts, nowMs: number): Finding[] {
  const { ok, hint, problem } = check('clock');
  const set = 'set the clock of this machine (timedatectl set-ntp true)';
  const findings: Finding[] = [];
  if (nowMs < notBeforeMs) findings.push(problem(`it says ${new Date(nowMs).toISOString()}`, set));
  else if (newestReceivedMs !== null && newestReceivedMs > nowMs + slackMs) {
    const by = span(newestReceivedMs - nowMs);
    findings.push(problem(`it is ${by} behind the newest receipt: samples may be refused for their time`, set));
  }
  if (stepBack && stepBack.byMs > slackMs) {
    const at = new Date(stepBack.toMs).toISOString();
    findings.push(hint(`it was set back by ${span(stepBack.byMs)}, to ${at}`, `where that was not meant, ${set}`));
  }
  for (const { vehicle, untilMs } of aheadErasures) {
    const until = new Date(untilMs).toISOString();
    findings.push(
      problem(
        `${vehicle} was erased by a clock that was ahead: it is refused until ${until}`,
        `fleet erase --vehicle ${vehicle} --no-tombstone`,
      ),
    );
  }
  return findings.length > 0 ? findings : [ok('agrees with the receipts')];
}

function waiting(name: string, { count, oldestMs }: Waiting, mostMs: number, { nowMs, serverUp }: Setting): Finding {
  const { ok, hint, problem } = check(name);
  const ageMs = oldestMs === null ? 0 : nowMs - oldestMs;
  if (count === 0 || ageMs <= mostMs) return ok(`${count} receipts pending`);
  const says = `${count} receipts pending, the oldest for ${span(ageMs)}`;
  if (!serverUp) return hint(says, 'they are taken up when the server starts');
  return problem(says, 'look at fleet dead-letters list and the log of the server; FLEET_BROKER must not be off');
}

function seals({ unsealed, sealDifferences }: StoreFacts, nowMs: number): Finding[] {
  const { ok, hint, problem } = check('seals');
  const findings = sealDifferences.map(({ kind, vehicle, dayMs, differences }) =>
    problem(
      `${differences} ${kind} of ${vehicle} on ${new Date(dayMs).toISOString().slice(0, 10)} differed when derived again`,
      'they were mended; it should not happen: please report it, with the log of that day',
    ),
  );
  if (unsealed.oldestDayMs !== null && nowMs - unsealed.oldestDayMs > 7 * 86_400_000 + mostUnsealedMs) {
    findings.push(
      hint(`${unsealed.count} vehicle-days are not sealed yet`, 'they are, by the hour, while the server runs'),
    );
  }
  return findings.length > 0 ? findings : [ok('no differences')];
}

function deadLetters({ deadLetters: { count, latestMs, reason } }: StoreFacts, nowMs: number): Finding {
  const { ok, problem } = check('dead letters');
  if (count === 0) return ok('none');
  const latest = latestMs === null ? '' : `, the latest ${span(nowMs - latestMs)} ago: ${(reason ?? '').slice(0, 200)}`;
  return problem(
    `${count}${latest}`,
    'fleet dead-letters list; when the cause is gone, fleet dead-letters replay --all',
  );
}
