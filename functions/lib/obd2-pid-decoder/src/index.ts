/**
 * Decodes and encodes OBD-II (SAE J1979, ISO 15031-5): ELM327 text and CAN frames of modes 01, 02, 03, 07, 09 and 0A.
 * Nothing here throws or reads a clock, the network or the environment.
 */
export type { Answer, CanFrame, CodesMessage, InfoMessage, Message, PidValue, ValuesMessage } from './answer.ts';
export { decodeAnswer } from './decode-answer.ts';
export { decodeFrames } from './decode-frames.ts';
export type { AnswerInput, PidInput, TextOptions } from './encode-answer.ts';
export { encodeAnswer, encodeDtcAnswer, encodeFrames, encodeVinAnswer } from './encode-answer.ts';
export type { EncodableInfo } from './encode-info.ts';
export type { EncodableValues } from './encode-pid.ts';
export type { ObdRequest } from './encode-request.ts';
export { encodeRequest } from './encode-request.ts';
export type { AdapterErrorCode, AnswerErrorCode, DecodeError, EncodeError, Result } from './errors.ts';
export type { InfoFormat, InfoType } from './info-type.ts';
export { INFO_TYPES } from './info-type.ts';
export type {
  ChoiceField,
  CodeField,
  Field,
  FlagField,
  Need,
  NumberField,
  PidRow,
  PidsField,
  RawField,
  SetField,
} from './pid-row.ts';
export { PIDS } from './pid-table.ts';
