import type { PidRow } from './pid-row.ts';
import { TABLE_00_1F } from './table/table-00-1f.ts';
import { TABLE_20_3F } from './table/table-20-3f.ts';
import { TABLE_40_5F } from './table/table-40-5f.ts';
import { TABLE_60_7F } from './table/table-60-7f.ts';
import { TABLE_80_9F } from './table/table-80-9f.ts';
import { TABLE_A0_C4 } from './table/table-a0-c4.ts';

/**
 * All PIDs of modes 01 and 02, 00 to C4, in order (SAE J1979-DA, ISO 15031-5). `PIDS[n].pid === n`.
 * Formulas, units and bounds are data: decoder and encoder both work from these rows.
 */
export const PIDS: readonly PidRow[] = [
  ...TABLE_00_1F,
  ...TABLE_20_3F,
  ...TABLE_40_5F,
  ...TABLE_60_7F,
  ...TABLE_80_9F,
  ...TABLE_A0_C4,
];
