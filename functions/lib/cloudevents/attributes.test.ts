import { describe, expect, it } from 'vitest';
import { attributeFault } from './attributes.ts';

const event = { specversion: '1.0', id: '1', source: '/edge/car-1', type: 'fleet.telemetry.reported' };

describe('context attributes', () => {
  it('may have any name of lower-case letters and digits, those that objects inherit among them', () => {
    for (const name of ['constructor', 'tostring', 'a1']) {
      expect(attributeFault({ ...event, [name]: 'x' })).toBeUndefined();
      expect(attributeFault({ ...event, [name]: 1.5 })?.attribute).toBe(name);
    }
  });

  it.each(['\u0000', '\u001f', '\n', '\u007f', '\u0085', '\ud800', '\ufdd0', '\u{1ffff}'])(
    'have no %j in them',
    (character) => {
      expect(attributeFault({ ...event, id: `a${character}b` })).toEqual({
        attribute: 'id',
        detail: 'id has a character that is not allowed',
      });
    },
  );

  it('have all other characters', () => {
    expect(attributeFault({ ...event, id: ' ~é€\u{1f697}', subject: 'Österreich 7' })).toBeUndefined();
  });

  it('have times of days that there are', () => {
    const faulty = ['2026-02-30T00:00:00Z', '2026-04-31T00:00:00Z', '2025-02-29T00:00:00Z', '2026-01-01T00:00Z'];
    for (const time of faulty) expect(attributeFault({ ...event, time })?.attribute).toBe('time');
    const good = ['2024-02-29T00:00:00Z', '2016-12-31T23:59:60Z', '2026-04-30T12:00:00.123456789+05:30'];
    for (const time of good) expect(attributeFault({ ...event, time })).toBeUndefined();
  });
});
