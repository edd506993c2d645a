/** How the data of an information type reads. `text` and `hex` come in items of `size` bytes. */
export type InfoFormat =
  | { readonly kind: 'pids' }
  | { readonly kind: 'count' }
  | { readonly kind: 'vin' }
  | { readonly kind: 'text'; readonly size: number; readonly many: boolean }
  | { readonly kind: 'hex'; readonly size: number }
  | { readonly kind: 'counters' };

/** One information type of mode 09 (SAE J1979-DA, annex G). */
export interface InfoType {
  readonly pid: number;
  readonly name: string;
  readonly description: string;
  readonly format: InfoFormat;
}

/** The information types that are decoded; `INFO_TYPES[n].pid === n`. */
export const INFO_TYPES: readonly InfoType[] = [
  { pid: 0x00, name: 'supportedInfoTypes', description: 'Information types supported', format: { kind: 'pids' } },
  { pid: 0x01, name: 'vinMessageCount', description: 'Messages of type 02 (not CAN)', format: { kind: 'count' } },
  { pid: 0x02, name: 'vin', description: 'Vehicle identification number', format: { kind: 'vin' } },
  { pid: 0x03, name: 'calibrationIdMessageCount', description: 'Messages of type 04', format: { kind: 'count' } },
  {
    pid: 0x04,
    name: 'calibrationIds',
    description: 'Calibration identifications',
    format: { kind: 'text', size: 16, many: true },
  },
  { pid: 0x05, name: 'calibrationNumberMessageCount', description: 'Messages of type 06', format: { kind: 'count' } },
  {
    pid: 0x06,
    name: 'calibrationNumbers',
    description: 'Calibration verification numbers, hex',
    format: { kind: 'hex', size: 4 },
  },
  { pid: 0x07, name: 'trackingMessageCount', description: 'Messages of types 08 and 0B', format: { kind: 'count' } },
  {
    pid: 0x08,
    name: 'sparkTrackingCounters',
    description: 'In-use performance counters, spark ignition',
    format: { kind: 'counters' },
  },
  { pid: 0x09, name: 'ecuNameMessageCount', description: 'Messages of type 0A', format: { kind: 'count' } },
  { pid: 0x0a, name: 'ecuName', description: 'ECU name', format: { kind: 'text', size: 20, many: false } },
  {
    pid: 0x0b,
    name: 'compressionTrackingCounters',
    description: 'In-use performance counters, compression ignition',
    format: { kind: 'counters' },
  },
];
