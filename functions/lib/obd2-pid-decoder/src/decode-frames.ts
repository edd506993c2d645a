import type { Answer, CanFrame } from './answer.ts';
import { decodePayload } from './decode-payload.ts';
import { canRole, ecuName } from './header.ts';
import { IsoTpReassembler } from './iso-tp.ts';
import { LegacyInfo } from './legacy-info.ts';
import { Sink } from './sink.ts';

/** Most frames looked at in one call: 8 ECUs with the longest ISO-TP message each have 4,688. */
export const FRAMES_LIMIT = 8192;

/**
 * Decode raw CAN frames (ISO 15765-4), in order of arrival. Requests and flow control are passed over; identifiers
 * that are not of OBD give `unknown-header`. Never throws.
 */
export function decodeFrames(frames: readonly CanFrame[]): Answer {
  const sink = new Sink();
  if (frames.length > FRAMES_LIMIT) {
    sink.error('input-too-large', `only up to ${FRAMES_LIMIT} frames are decoded`);
    return sink.answer();
  }
  const legacy = new LegacyInfo();
  const isoTp = new IsoTpReassembler((ecu, bytes) => decodePayload({ ecu, bytes, exact: true }, legacy, sink));
  for (const { id, data } of frames) {
    const role = canRole(id);
    if (role === 'answer') isoTp.add(ecuName(id), data, sink);
    else if (role === 'other') sink.error('unknown-header', `${ecuName(id)} is not of an OBD answer`);
  }
  isoTp.finish(sink);
  legacy.finish(sink);
  return sink.answer();
}
