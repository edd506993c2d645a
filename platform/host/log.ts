import { pino } from 'pino';
import type { Log } from '../../functions/lib/ports.ts';

/** One JSON line per event on stderr; errors, tokens and positions never come in whole. */
export function createLog(level: string, bindings: Record<string, string> = {}): Log {
  return pino(
    {
      level,
      base: bindings,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}
