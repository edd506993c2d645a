import { expect, it } from 'vitest';
import { coldStartText } from './cold-start-report.ts';

const rounds = (apartMs: number) =>
  [1_000, 3_000, 1_200].map((yardstickMs, i) => {
    const first = i % 2 === 0 ? ('ingest' as const) : ('yardstick' as const);
    return { number: i + 1, yardstickMs, ingestMs: yardstickMs + apartMs, first };
  });

it('says by how much the medians are apart, and that this is good enough', () => {
  expect(coldStartText(rounds(500))).toMatch(/ingest, to its 202 +1\.70 \(1\.50–3\.50\) s/);
  expect(coldStartText(rounds(500))).toMatch(/above the yardstick's: 0\.50 s; .*: reached$/);
});

it('says where it is not', () => {
  expect(coldStartText(rounds(501))).toMatch(/NOT reached$/);
});
