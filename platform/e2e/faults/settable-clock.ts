/**
 * Preloaded (`node --import`) into a server whose wall clock a test sets, as a time server or a flat battery does; timers
 * go on as they do then. Nothing else of the server is touched.
 */
let offsetMs = 0;
const now = Date.now;
Date.now = () => now() + offsetMs;

process.on('message', (message: { clockOffsetMs?: number }) => {
  if (message.clockOffsetMs !== undefined) offsetMs = message.clockOffsetMs;
});
