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

  it.each(['\u0000', '\u001f', '\n', '\u007f', '\u0085', '\ud800'])('have no %j in them', (character) => {
    expect(attributeFault({ ...event, id: `a${character}b` })).toEqual({
      attribute: 'id',
      detail: 'id has a character that is not allowed',
    });
  });

  it('have all other characters', () => {
    expect(attributeFault({ ...event, id: ' ~é€\u{1f697}', subject: 'Österreich 7' })).toBeUndefined();
  });
});
