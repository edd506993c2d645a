import { spawn } from 'node:child_process';

/** What kubectl prints. Rejects with what it complains of. */
export function kubectl(args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('kubectl', args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text;
      });
    }
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(output.stdout);
      else reject(new Error(`kubectl ${args.join(' ')}: ${output.stderr.trim()}`));
    });
    // Most commands end without a look at their input.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
