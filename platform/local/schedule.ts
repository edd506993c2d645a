import { Cron } from 'croner';

/**
 * A schedule as PingSource has it (robfig/cron, seconds optional): five fields, or six with seconds first, or a descriptor.
 * What croner reads beyond that (L, W, #, +, Sunday as 7, upper-case descriptors) is refused, so that no schedule works here
 * and not on a cluster. It does not run by itself.
 * @throws {Error} for what is no schedule
 */
export function readSchedule(expression: string, timezone = 'Etc/UTC'): Cron {
  if (expression.startsWith('@')) {
    if (!descriptors.has(expression)) throw new Error(`the descriptors are ${[...descriptors].join(', ')}`);
  } else {
    const withoutNames = expression.replace(names, '');
    if (/[LW#+]/i.test(withoutNames)) throw new Error('L, W, # and + are no part of this syntax');
    if (/(?:^|[\s,])\//.test(expression)) throw new Error('a step has something before it');
    if (/(?:^|[,-])7/.test(expression.trim().split(/\s+/).at(-1) ?? '')) throw new Error('days of the week are 0 to 6');
  }
  // `5/15` is 5, 20, 35 and 50.
  return new Cron(expression, { mode: '5-or-6-parts', sloppyRanges: true, timezone, paused: true });
}

const descriptors = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);
const names = /\b(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC|SUN|MON|TUE|WED|THU|FRI|SAT)\b/gi;
