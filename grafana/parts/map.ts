import { FrameGeometrySourceMode, MapLayerOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import * as geomap from '@grafana/grafana-foundation-sdk/geomap';
import { dress, type PanelText } from './dress.ts';

/** Where each row's `latitude` and `longitude` are, coloured by a column, with another one as its label. */
export function markers(text: PanelText, { colour, label }: { colour: string; label: string }): geomap.PanelBuilder {
  return map(text).layers([
    layer('markers', text.title, {
      showLegend: true,
      style: {
        ...dot(colour, 7),
        text: { fixed: '', mode: 'field', field: label },
        textConfig: { fontSize: 12, offsetX: 0, offsetY: 14, textAlign: 'center', textBaseline: 'middle' },
      },
    }),
  ]);
}

/** The rows in their order as a line, coloured by a column. */
export function route(text: PanelText, { colour }: { colour: string }): geomap.PanelBuilder {
  return map(text).layers([layer('route', text.title, { arrow: 0, style: { ...dot(colour, 4), lineWidth: 4 } })]);
}

const map = (text: PanelText) =>
  dress(new geomap.PanelBuilder(), { height: 14, ...text })
    .basemap(new MapLayerOptionsBuilder().type('default').name('Map').config({}))
    .view(
      new geomap.MapViewConfigBuilder()
        .id(geomap.MapCenterID.Fit)
        .allLayers(true)
        .padding(15)
        .maxZoom(15)
        .zoom(10)
        .lat(0)
        .lon(0),
    )
    .controls(
      new geomap.ControlsOptionsBuilder().showZoom(true).mouseWheelZoom(false).showAttribution(true).showScale(true),
    )
    .tooltip(new geomap.TooltipOptionsBuilder().mode(geomap.TooltipMode.Details));

const layer = (type: string, name: string, config: object) =>
  new MapLayerOptionsBuilder()
    .type(type)
    .name(name)
    .config(config)
    .tooltip(true)
    .location({
      build: () => ({ mode: FrameGeometrySourceMode.Coords, latitude: 'latitude', longitude: 'longitude' }),
    });

const dot = (colour: string, size: number) => ({
  color: { field: colour, fixed: 'blue' },
  opacity: 0.9,
  size: { fixed: size, min: size, max: size },
  symbol: { fixed: 'img/icons/marker/circle.svg', mode: 'fixed' },
});
