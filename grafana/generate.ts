// npm run grafana: writes the dashboards' JSON, which Grafana is provisioned with.
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { boardJson, boards } from './boards.ts';

const folder = new URL('dashboards/', import.meta.url);

for (const file of readdirSync(folder)) {
  if (!Object.hasOwn(boards, file.replace(/\.json$/, ''))) rmSync(new URL(file, folder));
}
for (const [name, make] of Object.entries(boards)) {
  const dashboard = make();
  writeFileSync(new URL(`${name}.json`, folder), boardJson(dashboard));
  console.log(`${name}.json: ${dashboard.title}, ${dashboard.panels?.length ?? 0} panels`);
}
