import { mkdirSync, writeFileSync } from 'node:fs';
import { recordedDrives } from './recorded-drives.ts';

/** Writes fixtures/drives anew. A test fails when the files there are not what this would write. */
const folder = new URL('../../fixtures/drives/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, text] of recordedDrives()) writeFileSync(new URL(name, folder), text);
