import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { CloudEvent } from '../../../functions/lib/telemetry/events.ts';
import { cesql } from './cesql.ts';
import { CesqlSyntaxError } from './syntax-error.ts';
import type { ErrorKind, Value } from './values.ts';

/** The kit published with the specification; it stands beside the checkout because it is not ours to copy. */
const kit = new URL('../../../../shared/conformance/cesql_tck/', import.meta.url);

interface Case {
  name: string;
  expression: unknown;
  result?: Value;
  error?: ErrorKind | 'parse';
  event?: CloudEvent;
  eventOverrides?: Partial<CloudEvent>;
}

const anyEvent: CloudEvent = {
  specversion: '1.0',
  id: 'myId',
  source: 'http://localhost/source',
  type: 'myType',
  subject: 'mySubject',
  time: '2018-04-26T14:48:09+02:00',
};

describe('the published test kit', () => {
  if (!existsSync(kit)) {
    const reason = 'skipped: the kit is not beside the checkout, ../shared/conformance/cesql_tck';
    it('passes', ({ skip }) => {
      console.warn(reason);
      skip(reason);
    });
    return;
  }

  const files = readdirSync(kit).filter((file) => file.endsWith('.yaml'));
  it('is there as a whole', () => expect(files).toHaveLength(18));

  describe.each(files)('%s', (file) => {
    const { tests } = parseYaml(readFileSync(new URL(file, kit), 'utf8')) as { tests: Case[] };
    it.each(tests.map((one, index) => ({ ...one, title: `${index + 1} ${one.name}` })))('$title', (one) => {
      // YAML makes some expressions booleans and numbers.
      const expression = String(one.expression);
      if (one.error === 'parse') return expect(() => cesql(expression)).toThrow(CesqlSyntaxError);
      const { value, error } = cesql(expression)({ ...(one.event ?? anyEvent), ...one.eventOverrides } as CloudEvent);
      expect(error).toBe(one.error);
      expect(value).toBe(one.result);
    });
  });
});
