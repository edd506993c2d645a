import type { AdapterErrorCode } from './errors.ts';

/** Words that report progress or success; what follows them on the line may be data. */
const PROGRESS = /^(?:(?:SEARCHING\.*|BUS ?INIT: ?\.*(?:OK)?)\s*)+/;

/** Whole lines that are no answer: success, banners, voltage, echoes of commands. */
const CHATTER = /^(?:OK|ELM ?327.*|STN\d.*|OBDLINK.*|\d+\.\d+V|(?:AT|ST)[A-Z@ ].*)$/;

/** In the order tried: longer words first, as `BUS INIT: ...ERROR` holds ERROR. */
const ERRORS: readonly (readonly [RegExp, AdapterErrorCode])[] = [
  [/UNABLE ?TO ?CONNECT/, 'unable-to-connect'],
  [/BUS ?INIT[:. ]*ERROR/, 'bus-init-error'],
  [/NO ?DATA/, 'no-data'],
  [/STOPPED/, 'stopped'],
  [/CAN ?ERROR/, 'can-error'],
  [/BUS ?ERROR/, 'bus-error'],
  [/BUS ?BUSY/, 'bus-busy'],
  [/FB ?ERROR/, 'fb-error'],
  [/DATA ?ERROR/, 'data-error'],
  [/RX ?ERROR/, 'rx-error'],
  [/BUFFER ?FULL/, 'buffer-full'],
  [/ACT ?ALERT/, 'act-alert'],
  [/LV ?RESET/, 'lv-reset'],
  [/LP ?ALERT/, 'lp-alert'],
  [/ERR ?\d\d/, 'adapter-fault'],
  [/^\?$/, 'unknown-command'],
];

/** What a line that is not plain data says; `data` is what is left of it. */
export type Words =
  | { readonly kind: 'error'; readonly code: AdapterErrorCode }
  | { readonly kind: 'progress'; readonly data: string }
  | { readonly kind: 'none' };

/**
 * Read the adapter's words in an upper-case line (ELM327 data sheet, "Error Messages and Alerts"). Data on the line
 * of an error (`41 0C 1A F8 <DATA ERROR`) is not trusted and goes with it.
 */
export function readWords(line: string): Words {
  for (const [word, code] of ERRORS) {
    if (word.test(line)) return { kind: 'error', code };
  }
  if (CHATTER.test(line)) return { kind: 'progress', data: '' };
  const progress = PROGRESS.exec(line);
  if (progress === null) return { kind: 'none' };
  return { kind: 'progress', data: line.slice(progress[0].length) };
}
