import { type Panel, type PanelBuilder, RowBuilder, type RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';

type Built = Pick<PanelBuilder, 'build'>;

/** Panels beside each other, 24 columns wide in all; a list in it is a stack of panels. */
export interface Row {
  /** A heading over the row. */
  title?: string;
  panels: (Built | Built[])[];
}

/** The panels with ids and places, row under row. */
export function laidOut(rows: readonly Row[]): (Panel | RowPanel)[] {
  const placed: (Panel | RowPanel)[] = [];
  let top = 0;
  for (const { title, panels } of rows) {
    if (title) placed.push({ ...new RowBuilder(title).build(), gridPos: { x: 0, y: top++, w: 24, h: 1 } });
    let left = 0;
    let bottom = top;
    for (const item of panels) {
      const stack = [item].flat().map((panel) => panel.build());
      let y = top;
      for (const panel of stack) {
        const { w, h } = panel.gridPos as { w: number; h: number };
        placed.push({ ...panel, gridPos: { x: left, y, w, h } });
        y += h;
      }
      left += Math.max(...stack.map(({ gridPos }) => gridPos?.w ?? 0));
      bottom = Math.max(bottom, y);
    }
    top = bottom;
  }
  return placed.map((panel, index) => ({ ...panel, id: index + 1 }));
}
