import type { Log } from '../../functions/lib/ports.ts';
import type { World } from './world.ts';

/** What the simulator and the runtime log, as lines for a person on stderr. */
export function progressLog({ err }: World): Log {
  const say = (fields: object, message: string) =>
    err(`${message}${Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : ''}\n`);
  return { debug: () => {}, info: say, warn: say, error: say };
}
