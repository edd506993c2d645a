/**
 * Preloaded (`node --import`) into a server that shall run some time after now: as if the test had waited that long, for
 * the sweep to take up what is stuck. Nothing else of the server is touched.
 */
const laterMs = 120_000;
const now = Date.now;
Date.now = () => now() + laterMs;
