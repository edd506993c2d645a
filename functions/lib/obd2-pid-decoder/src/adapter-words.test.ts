import { expect, test } from 'vitest';
import { decodeAnswer } from './decode-answer.ts';

test.each([
  ['NO DATA', 'no-data'],
  ['NODATA', 'no-data'],
  ['SEARCHING...\rUNABLE TO CONNECT', 'unable-to-connect'],
  ['SEARCHING...UNABLE TO CONNECT', 'unable-to-connect'],
  ['STOPPED', 'stopped'],
  ['CAN ERROR', 'can-error'],
  ['BUS ERROR', 'bus-error'],
  ['BUS INIT: ERROR', 'bus-init-error'],
  ['BUS INIT: ...ERROR', 'bus-init-error'],
  ['BUS BUSY', 'bus-busy'],
  ['FB ERROR', 'fb-error'],
  ['DATA ERROR', 'data-error'],
  ['41 0C 1A F8 <DATA ERROR', 'data-error'],
  ['41 0C 1A F8 <RX ERROR', 'rx-error'],
  ['41 0C 1A BUFFER FULL', 'buffer-full'],
  ['ACT ALERT', 'act-alert'],
  ['!ACT ALERT', 'act-alert'],
  ['LV RESET', 'lv-reset'],
  ['LP ALERT', 'lp-alert'],
  ['ERR94', 'adapter-fault'],
  ['?', 'unknown-command'],
  ['no data', 'no-data'],
])('%j is an error and nothing else', (text, code) => {
  const { messages, errors } = decodeAnswer(`${text}\r\r>`);
  expect(messages).toEqual([]);
  expect(errors.map((error) => error.code)).toEqual([code]);
});

test.each(['OK', 'ELM327 v1.5', 'ATZ\r\r\rELM327 v2.1', 'SEARCHING...', 'BUS INIT: ...OK', '12.6V', 'AT SP 0\rOK'])(
  '%j says nothing about the car',
  (text) => {
    expect(decodeAnswer(`${text}\r\r>`)).toEqual({ messages: [], errors: [] });
  },
);
