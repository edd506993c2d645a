import { GraphThresholdsStyleConfigBuilder, GraphThresholdsStyleMode } from '@grafana/grafana-foundation-sdk/common';
import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';
import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { looks } from '../looks/looks.ts';

/** Draws the values from which on a sensor is not well as dashed lines; the series keep their colours. */
export function limits(chart: PanelBuilder, sensor: string): PanelBuilder {
  const steps = (looks[sensor]?.steps ?? []).map(([value, color]) => ({ value, color }));
  return chart
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps))
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
}
