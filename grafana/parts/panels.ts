import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge';
import {
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  TableCellDisplayMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import * as histogram from '@grafana/grafana-foundation-sdk/histogram';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import * as tables from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { chartProperties, tableProperties } from '../looks/look.ts';
import { timeLook } from '../looks/looks.ts';
import { dress, type PanelText } from './dress.ts';
import { columnName } from './flux.ts';

/** Rows that a table shows at most; Grafana cuts a frame off at one and a half times `maxDataPoints`. */
export const tableRows = 500;

/** The latest values of one row as tiles, one for each column. */
export function tiles(text: PanelText, options?: { spark?: boolean }): stat.PanelBuilder {
  return asTiles(dress(new stat.PanelBuilder(), { height: 4, ...text }), options);
}

export function asTiles(panel: stat.PanelBuilder, { spark = false } = {}): stat.PanelBuilder {
  return panel
    .reduceOptions(
      new ReduceDataOptionsBuilder()
        .calcs(['lastNotNull'])
        .fields(spark ? '' : '/.*/')
        .values(false),
    )
    .graphMode(spark ? BigValueGraphMode.Area : BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .textMode(BigValueTextMode.ValueAndName)
    .orientation(VizOrientation.Vertical);
}

/** Lines over time. Gaps in the data stay gaps where they are longer than `gapMs`. */
export function lines(text: PanelText, options?: { gapMs?: number; fill?: number }): timeseries.PanelBuilder {
  return asLines(dress(new timeseries.PanelBuilder(), text, chartProperties), options);
}

export function asLines(panel: timeseries.PanelBuilder, { gapMs = 300_000, fill = 8 } = {}): timeseries.PanelBuilder {
  return asChart(panel)
    .lineWidth(1)
    .fillOpacity(fill)
    .showPoints(VisibilityMode.Never)
    .spanNulls(gapMs)
    .insertNulls(gapMs);
}

/** Bars over time, on top of each other where there are several series. */
export function bars(text: PanelText): timeseries.PanelBuilder {
  return asChart(dress(new timeseries.PanelBuilder(), text, chartProperties))
    .drawStyle(GraphDrawStyle.Bars)
    .fillOpacity(70)
    .lineWidth(0)
    .barWidthFactor(0.8)
    .axisSoftMin(0)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
}

function asChart(panel: timeseries.PanelBuilder): timeseries.PanelBuilder {
  return panel.legend(legend()).tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi));
}

/** A row a line, its columns in the order of the query, sorted as the query sorts. */
export function table(text: PanelText): tables.PanelBuilder {
  const { columns } = text.query;
  const indexByName = Object.fromEntries(columns.map((column, index) => [columnName(column), index]));
  const look = { ...text.look, _time: { ...timeLook, ...text.look?._time } };
  return dress(new tables.PanelBuilder(), { ...text, look }, tableProperties)
    .maxDataPoints(tableRows)
    .cellOptions({ type: TableCellDisplayMode.Auto })
    .filterable(false)
    .withTransformation({ id: 'organize', options: { indexByName, excludeByName: {}, renameByName: {} } });
}

/** A bar for each row: the last column's value beside the first one's name. */
export function ranking(text: PanelText): bargauge.PanelBuilder {
  return dress(new bargauge.PanelBuilder(), text)
    .reduceOptions(new ReduceDataOptionsBuilder().values(true).calcs([]).limit(50).fields(''))
    .displayMode(BarGaugeDisplayMode.Basic)
    .orientation(VizOrientation.Horizontal)
    .showUnfilled(true);
}

/** Bands of states over time; a stretch without data for `gapMs` stays empty. */
export function bands(text: PanelText, { gapMs = 900_000 } = {}): statetimeline.PanelBuilder {
  return dress(new statetimeline.PanelBuilder(), { height: 4, ...text })
    .mergeValues(true)
    .showValue(VisibilityMode.Never)
    .insertNulls(gapMs)
    .fillOpacity(80)
    .lineWidth(0)
    .legend(legend());
}

/** How often values came, in buckets of a size in the unit of the values. */
export function distribution(text: PanelText, bucketSize: number): histogram.PanelBuilder {
  return dress(new histogram.PanelBuilder(), text).bucketSize(bucketSize).fillOpacity(70).legend(legend());
}

const legend = () =>
  new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true)
    .calcs([]);
