/** Negative response codes (ISO 14229-1 table A.1, ISO 14230-3). */
const NAMES: Readonly<Record<number, string>> = {
  16: 'generalReject',
  17: 'serviceNotSupported',
  18: 'subFunctionNotSupported',
  19: 'incorrectMessageLengthOrInvalidFormat',
  20: 'responseTooLong',
  33: 'busyRepeatRequest',
  34: 'conditionsNotCorrect',
  36: 'requestSequenceError',
  49: 'requestOutOfRange',
  51: 'securityAccessDenied',
  53: 'invalidKey',
  54: 'exceededNumberOfAttempts',
  55: 'requiredTimeDelayNotExpired',
  112: 'uploadDownloadNotAccepted',
  113: 'transferDataSuspended',
  114: 'generalProgrammingFailure',
  115: 'wrongBlockSequenceCounter',
  120: 'responsePending',
  126: 'subFunctionNotSupportedInActiveSession',
  127: 'serviceNotSupportedInActiveSession',
};

/** The name of a negative response code; unassigned ones are `reserved`. */
export function negativeResponseName(nrc: number): string {
  return NAMES[nrc] ?? 'reserved';
}
