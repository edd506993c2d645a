import { readdirSync, readFileSync } from 'node:fs';
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { describe, expect, it } from 'vitest';
import { boardJson, boards } from './boards.ts';
import { influx } from './parts/flux.ts';
import { tag, uids } from './parts/links.ts';
import { prometheus } from './parts/promql.ts';
import { promQueriesOf, queriesOf } from './testing/queries.ts';

const folder = new URL('dashboards/', import.meta.url);
const made = Object.entries(boards).map(([name, make]) => [name, make()] as const);

describe('the dashboards', () => {
  it('are committed as they are made (npm run grafana)', () => {
    expect(readdirSync(folder).sort()).toEqual(made.map(([name]) => `${name}.json`));
    for (const [name, dashboard] of made) {
      expect(readFileSync(new URL(`${name}.json`, folder), 'utf8'), `${name}.json is stale`).toBe(boardJson(dashboard));
    }
  });

  it('are the nine that there are links to', () => {
    expect(made.map(([, { uid }]) => uid)).toEqual(Object.values(uids));
    expect(new Set(made.map(([, { title }]) => title)).size).toBe(9);
  });
});

describe.each(made)('%s', (_, dashboard) => {
  it('has what all of them have', () => {
    expect(dashboard).toMatchObject({ schemaVersion: 42, version: 1, tags: [tag], timezone: 'browser' });
    expect(dashboard.time).toMatchObject({ from: expect.stringMatching(/^now-/), to: 'now' });
    expect(dashboard.templating.list?.map(({ name }) => name)).toEqual(
      expect.arrayContaining(onPrometheus(dashboard) ? ['prometheus', 'job'] : ['datasource', 'vehicle']),
    );
    expect(dashboard.links).toMatchObject([{ type: 'dashboards', tags: [tag], asDropdown: true }]);
  });

  it('says of each panel what it shows, and what it says when there is nothing', () => {
    for (const { title, description, fieldConfig, datasource, targets } of panelsOf(dashboard)) {
      expect(description, title).toMatch(/^[A-Z].{20,}\.$/s);
      expect(fieldConfig?.defaults.noValue, title).toMatch(/^No|^The vehicle/);
      const { uid } = onPrometheus(dashboard) ? prometheus : influx;
      expect(datasource?.uid, title).toBe(uid);
      // Columns of one query have looks of their own; what Prometheus answers is one number for each query.
      expect(targets?.length, title).toBeOneOf(onPrometheus(dashboard) ? [1, 2, 3, 4] : [1]);
    }
  });

  it('gives every number a unit', () => {
    if (onPrometheus(dashboard)) {
      for (const { title, fieldConfig } of panelsOf(dashboard)) expect(fieldConfig?.defaults.unit, title).toBeDefined();
      return;
    }
    for (const { title, type, fieldConfig, targets } of panelsOf(dashboard)) {
      const named = new Set((fieldConfig?.overrides ?? []).map(({ matcher }) => matcher.options));
      const [query] = queriesOf({
        ...dashboard,
        panels: [{ title, type, targets } as Panel],
        annotations: {},
        templating: {},
      });
      for (const column of [...(query?.columns ?? []), ...(query?.series ?? [])]) {
        const name = column.replace(/\?$/, '');
        const byDefault =
          ['_value', '_field', 'device'].includes(name) ||
          (name === '_time' && type !== 'table') ||
          (name === 'vehicle' && fieldConfig?.defaults.unit);
        expect(byDefault || named.has(name), `${title}: ${name} has no look`).toBeTruthy();
      }
      if (query?.columns.includes('_value') && !query.series?.length)
        expect(fieldConfig?.defaults.unit, title).toBeDefined();
    }
  });

  it('has panels that fill rows of 24 columns and do not overlap', () => {
    const cells = new Set<string>();
    for (const { id, gridPos, title } of dashboard.panels ?? []) {
      expect(id, title).toBeGreaterThan(0);
      const { x, y, w, h } = gridPos as NonNullable<Panel['gridPos']>;
      for (let column = x; column < x + w; column++) {
        for (let row = y; row < y + h; row++) {
          expect(cells.has(`${column} ${row}`), `${title} overlaps`).toBe(false);
          cells.add(`${column} ${row}`);
        }
      }
    }
    const height = Math.max(...[...cells].map((cell) => Number(cell.split(' ')[1]))) + 1;
    expect(cells.size).toBe(24 * height);
    expect(new Set(dashboard.panels?.map(({ id }) => id)).size).toBe(dashboard.panels?.length);
  });

  it('asks for bounded data only: a range, and windows, sums or a limit', () => {
    for (const { of, flux } of queriesOf(dashboard)) {
      const sources = flux.match(/from\(bucket/g)?.length ?? 0;
      expect(flux.match(/range\(|tagValues\(/g)?.length, of).toBe(sources || 1);
      expect(flux, of).toMatch(/aggregateWindow\(|window\(|reduce\(|limit\(/);
      expect(flux, of).not.toMatch(/\bto\(|\bdrop\(|yield\(|"secrets"/);
    }
    for (const { of, promql, datasource } of promQueriesOf(dashboard)) {
      expect(datasource, of).toEqual(prometheus);
      // Every metric of the chosen jobs alone, and a handful of series each.
      expect(promql.match(/\b(?:fleet|process)_\w+(?!\w|\{job=~"\$job"\})/g), of).toBeNull();
      expect(promql, of).toMatch(/^(?:sum|max|histogram_quantile)\b/);
    }
  });
});

/** The panels that show something; rows are headings. */
function panelsOf({ panels = [] }: Dashboard): Panel[] {
  return panels.filter((panel): panel is Panel => 'targets' in panel && (panel.targets ?? []).length > 0);
}

const onPrometheus = (dashboard: Dashboard): boolean => promQueriesOf(dashboard).length > 0;
