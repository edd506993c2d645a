import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = fileURLToPath(new URL('../../README.md', import.meta.url));
const block = /<!-- bench -->[\s\S]*<!-- \/bench -->/;

/** Puts what a run printed between the marks in README.md, so that no figure there was typed. */
export function writeReadme(printed: readonly string[]): void {
  const text = `<!-- bench -->\n\n\`\`\`\n${printed.join('\n\n')}\n\`\`\`\n\n<!-- /bench -->`;
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace(block, () => text),
  );
}
