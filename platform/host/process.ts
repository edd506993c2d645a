import { writeSync } from 'node:fs';
import { ConfigError } from './config-error.ts';

/** EX_CONFIG of sysexits.h. */
const exitConfig = 78;
const exitFailure = 70;
/** Supervisors kill 30 s after SIGTERM; whatever is stuck is left behind before, ms. What was acknowledged is on disk. */
const stopMs = 28_000;

/** Runs a program until a signal or its own end: one clear line and exit code 78 for a bad configuration. */
export async function runProgram(start: () => Promise<{ stop(): Promise<void> }>): Promise<void> {
  // Where people were is in the files: the data folder and what is in it are for their owner alone.
  process.umask(0o077);
  // The entry that started this process is gone: nobody is left who could stop it.
  process.on('disconnect', () => process.exit(exitFailure));
  process.channel?.unref();
  try {
    const program = await start();
    let stopping = false;
    const stop = () => {
      if (stopping) return;
      stopping = true;
      setTimeout(() => endAtOnce(new Error(`stopping took over ${stopMs} ms`)), stopMs).unref();
      program.stop().then(
        () => process.exit(0),
        (error: Error) => {
          console.error(`fleet: ${error.message}`);
          process.exit(exitFailure);
        },
      );
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  } catch (error) {
    if (!isConfigError(error)) throw error;
    console.error(`fleet: ${error.message}`);
    process.exit(exitConfig);
  }
}

function isConfigError(error: unknown): error is Error {
  return error instanceof ConfigError || (error instanceof Error && error.name === 'ManifestError');
}

/**
 * The store cannot be trusted any more (a failed fsync): end at once, and let the supervisor start afresh. By SIGKILL,
 * because any other end closes the file, and SQLite syncs it once more then: that may succeed, and mean nothing.
 */
export function endAtOnce(error: Error): never {
  writeSync(process.stderr.fd, `fleet: this process must end: ${error.message}\n`);
  process.kill(process.pid, 'SIGKILL');
  throw error;
}
