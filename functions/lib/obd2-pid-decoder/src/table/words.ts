/** PID 03, one byte per fuel system. */
export const FUEL_SYSTEM_STATUS: Readonly<Record<number, string>> = {
  0: 'off',
  1: 'openLoopCold',
  2: 'closedLoop',
  4: 'openLoopDriving',
  8: 'openLoopFault',
  16: 'closedLoopFault',
  32: 'openLoopColdBank2',
  64: 'openLoopDrivingBank2',
  128: 'openLoopFaultBank2',
};

/** PID 12. */
export const SECONDARY_AIR: Readonly<Record<number, string>> = {
  1: 'upstream',
  2: 'downstream',
  4: 'offOrAtmosphere',
  8: 'diagnosticPumpOn',
};

/** PID 1C; numbers that are missing here are reserved, or published with different meanings (14 to 16). */
export const OBD_STANDARD: Readonly<Record<number, string>> = {
  1: 'OBD-II (CARB)',
  2: 'OBD (EPA)',
  3: 'OBD and OBD-II',
  4: 'OBD-I',
  5: 'not OBD compliant',
  6: 'EOBD',
  7: 'EOBD and OBD-II',
  8: 'EOBD and OBD',
  9: 'EOBD, OBD and OBD-II',
  10: 'JOBD',
  11: 'JOBD and OBD-II',
  12: 'JOBD and EOBD',
  13: 'JOBD, EOBD and OBD-II',
  17: 'EMD',
  18: 'EMD+',
  19: 'HD OBD-C',
  20: 'HD OBD',
  21: 'WWH OBD',
  23: 'HD EOBD-I',
  24: 'HD EOBD-I N',
  25: 'HD EOBD-II',
  26: 'HD EOBD-II N',
  27: 'HD ZEV',
  28: 'OBDBr-1',
  29: 'OBDBr-2',
  30: 'KOBD',
  31: 'IOBD I',
  32: 'IOBD II',
  33: 'HD EOBD-VI',
  34: 'OBD, OBD-II and HD OBD',
  35: 'OBDBr-3',
  36: 'MC EOBD-I',
  37: 'MC EOBD-II',
  38: 'MC COBD-I',
  39: 'MC TOBD-I',
  40: 'MC JOBD-I',
  41: 'CN-OBD-6',
  42: 'OBDBr-P7',
  43: 'CN-HDOBD-VI',
  44: 'IOBD-I BS6',
  45: 'IOBD-II BS6',
  46: 'IHDOBD BSVI',
  47: 'OBDBr-P8',
  48: 'HD JOBD-II',
  49: 'HD KOBD-II',
  50: 'CN-OROBD-IV',
  51: 'CARB ACC-II',
  52: 'MC JOBD-II',
  53: 'MC CARB OBD',
  54: 'MC EPA OBD',
  55: 'MC CARB and EPA OBD',
  56: 'HD ZEV CARB ZEP',
  57: 'CARB ACC-II and EPA Tier 4',
  58: 'EPA Tier 4',
  59: 'EPA HD OBD',
};

/** PID 51. */
export const FUEL_TYPE: Readonly<Record<number, string>> = {
  0: 'not available',
  1: 'gasoline',
  2: 'methanol',
  3: 'ethanol',
  4: 'diesel',
  5: 'LPG',
  6: 'CNG',
  7: 'propane',
  8: 'electric',
  9: 'bifuel running gasoline',
  10: 'bifuel running methanol',
  11: 'bifuel running ethanol',
  12: 'bifuel running LPG',
  13: 'bifuel running CNG',
  14: 'bifuel running propane',
  15: 'bifuel running electricity',
  16: 'bifuel running electricity and combustion engine',
  17: 'hybrid gasoline',
  18: 'hybrid ethanol',
  19: 'hybrid diesel',
  20: 'hybrid electric',
  21: 'hybrid running electric and combustion engine',
  22: 'hybrid regenerative',
  23: 'bifuel running diesel',
  24: 'bifuel running natural gas',
  26: 'natural gas',
  27: 'dual fuel diesel and CNG',
  28: 'dual fuel diesel and LNG',
  29: 'fuel cell, hydrogen',
  30: 'hydrogen combustion engine',
  31: 'kerosene',
  32: 'heavy fuel oil',
};

/** PID 5F. */
export const EMISSION_REQUIREMENT: Readonly<Record<number, string>> = {
  14: 'Euro IV B1',
  15: 'Euro V B2',
  16: 'Euro EEV C',
  17: 'Euro VI',
};

/** PIDs 70 and 71, two bits each; 0 is reserved. */
export const LOOP_STATUS: Readonly<Record<number, string>> = { 1: 'openLoop', 2: 'closedLoop', 3: 'fault' };

/** PID 94, two bits per level. */
export const INDUCEMENT_STATUS: Readonly<Record<number, string>> = {
  0: 'inactive',
  1: 'enabled',
  2: 'active',
  3: 'notSupported',
};

/** PIDs 90 and 91, four bits. */
export const MI_MODE: Readonly<Record<number, string>> = {
  0: 'off',
  1: 'onDemand',
  2: 'short',
  3: 'continuous',
  14: 'error',
  15: 'notAvailable',
};

/** PID 90, two bits; 2 is reserved. */
export const MI_DISPLAY: Readonly<Record<number, string>> = {
  0: 'nonDiscriminatory',
  1: 'discriminatory',
  3: 'notAvailable',
};

/** PID 88, four bits per state. */
export const SCR_REASONS: readonly string[] = [
  'reagentLevelLow',
  'reagentIncorrect',
  'reagentConsumptionDeviates',
  'noxTooHigh',
];

/** PIDs 7D and 7E. */
export const NTE_AREAS: readonly string[] = ['insideControlArea', 'outsideControlArea', 'insideCarveOut', 'deficiency'];
