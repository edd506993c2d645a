import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../telemetry/events.ts';
import { type HttpHeaders, parseHttpEvent, passThroughHeaders, toBinary } from './http.ts';

const anEvent = (attributes: Partial<CloudEvent> = {}): CloudEvent => ({
  specversion: '1.0',
  id: '1',
  source: '/test',
  type: 'test.asked',
  ...attributes,
});

const required = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 't' };
const parse = (headers: HttpHeaders, body = '') => parseHttpEvent(headers, Buffer.from(body));
const structured = (event: unknown) =>
  parse({ 'content-type': 'application/cloudevents+json; charset=utf-8' }, JSON.stringify(event));
const event = (result: ReturnType<typeof parseHttpEvent>) =>
  result.ok ? result.event : expect.unreachable(result.detail);
const detail = (result: ReturnType<typeof parseHttpEvent>) =>
  result.ok ? expect.unreachable('was taken') : result.detail;

describe('binary mode', () => {
  it('takes attributes from headers and JSON from the body', () => {
    const headers = { ...required, 'ce-fleetjob': 'sweep', 'content-type': 'application/vnd.x+json; v=1', host: 'h' };
    expect(event(parse(headers, '{"a":1}'))).toEqual({
      specversion: '1.0',
      id: '1',
      source: '/s',
      type: 't',
      fleetjob: 'sweep',
      datacontenttype: 'application/vnd.x+json; v=1',
      data: { a: 1 },
    });
  });

  it.each(['application/xml', 'application/x-thrift', 'text/plain', undefined])('keeps the bytes of %s', (type) => {
    const bytes = Uint8Array.from([0, 255, 60, 97, 62]);
    const result = parseHttpEvent({ ...required, 'content-type': type }, bytes);
    expect(event(result).data_base64).toBe('AP88YT4=');
    const out = toBinary(event(result));
    expect(Buffer.from(out.body)).toEqual(Buffer.from(bytes));
    expect(out.headers['content-type']).toBe(type);
  });

  it('passes JSON on to the byte', () => {
    const body = '{ "n": 12345678901234567890, "n": 1.0 }';
    const result = parse({ ...required, 'content-type': 'application/json' }, body);
    if (!result.ok) return expect.unreachable();
    expect(Buffer.from(toBinary(result.event, result.dataBytes).body).toString()).toBe(body);
  });

  it('decodes percent-encoded UTF-8, and refuses what is none', () => {
    expect(event(parse({ ...required, 'ce-subject': 'Euro%20%E2%82%AC%20%F0%9F%98%80 100%' })).subject).toBe(
      'Euro € 😀 100%',
    );
    expect(event(parse({ ...required, 'ce-subject': '"a \\"b\\""' })).subject).toBe('a "b"');
    expect(detail(parse({ ...required, 'ce-subject': '%E2%82' }))).toMatch(/ce-subject/);
  });

  it('takes 0.3 as it is, without an upgrade', () => {
    const headers = { ...required, 'ce-specversion': '0.3', 'ce-schemaurl': 'http://s/', 'content-type': 'text/plain' };
    const taken = event(parse(headers, 'x'));
    expect(taken).toMatchObject({ specversion: '0.3', schemaurl: 'http://s/' });
    expect(toBinary(taken).headers).toMatchObject({ 'ce-specversion': '0.3', 'ce-schemaurl': 'http://s/' });
  });
});

describe('structured mode', () => {
  it('takes data of any JSON, and extensions of their types', () => {
    const given = anEvent({ data: null, number: -1, flag: true, time: '2026-01-01T00:00:00.5+01:00' });
    expect(event(structured({ ...given, unset: null }))).toEqual(given);
  });

  it('turns base64 data of 0.3 into what 1.0 calls it', () => {
    const taken = event(
      structured({ ...anEvent({ specversion: '0.3' }), datacontentencoding: 'base64', data: 'YQ==' }),
    );
    expect(taken).toEqual(anEvent({ specversion: '0.3', data_base64: 'YQ==' }));
    expect(Buffer.from(toBinary(taken).body).toString()).toBe('a');
  });

  it('writes text as text and JSON as JSON', () => {
    const body = (attributes: object) =>
      Buffer.from(toBinary(event(structured({ ...anEvent(), ...attributes }))).body).toString();
    expect(body({ datacontenttype: 'text/plain', data: 'a' })).toBe('a');
    expect(body({ datacontenttype: 'application/json', data: 'a' })).toBe('"a"');
    expect(body({ data: { a: 1 } })).toBe('{"a":1}');
    expect(body({})).toBe('');
  });
});

describe('refused', () => {
  it.each<[string, HttpHeaders, string]>([
    ['no ce-specversion', { 'ce-id': '1', 'content-type': 'application/json' }, '{}'],
    ['specversion 19.0', { ...required, 'ce-specversion': '19.0' }, ''],
    ['no id', { ...required, 'ce-id': undefined }, ''],
    ['an empty type', { ...required, 'ce-type': '' }, ''],
    ['a source with a space', { ...required, 'ce-source': 'a%20b' }, ''],
    ['a time that is none', { ...required, 'ce-time': '2026-01-01 00:00' }, ''],
    ['the 32nd of a month', { ...required, 'ce-time': '2026-01-32T00:00:00Z' }, ''],
    ['a control character', { ...required, 'ce-subject': 'a%00b' }, ''],
    ['a line break, which would split a header', { ...required, 'ce-x': 'a%0D%0Ab' }, ''],
    ['an underscore in a name', { ...required, 'ce-a_b': 'x' }, ''],
    ['a header twice', { ...required, 'ce-x': ['a', 'b'] }, ''],
    ['a name that is more than a name', { ...required, 'ce-__proto__': 'x' }, ''],
    ['data in a header', { ...required, 'ce-data': 'x' }, ''],
    ['JSON that is none', { ...required, 'content-type': 'application/json' }, '{'],
    ['a batch', { 'content-type': 'application/cloudevents-batch+json' }, '[]'],
    ['XML format', { 'content-type': 'application/cloudevents+xml' }, '<event/>'],
  ])('%s', (_, headers, body) => expect(detail(parse(headers, body))).not.toBe(''));

  it.each<[string, object]>([
    ['an extension that is an object', { x: {} }],
    ['a number that is no 32-bit integer', { x: 1.5 }],
    ['a name in upper case', { fleetJob: 'x' }],
    ['data twice', { data: 1, data_base64: 'YQ==' }],
    ['data_base64 that is none', { data_base64: '=' }],
    ['a relative dataschema', { dataschema: 'x' }],
    ['a datacontenttype that is none', { datacontenttype: 'json' }],
  ])('%s', (_, attributes) => expect(detail(structured({ ...anEvent(), ...attributes }))).not.toBe(''));

  it.each(['', '[]', 'null', '"x"', '{', '\xff'])('a structured body of %j', (body) =>
    expect(detail(parse({ 'content-type': 'application/cloudevents+json' }, body))).toMatch(/JSON object/),
  );

  it('attributes that hide in a prototype', () => {
    const body = `{"specversion":"1.0","__proto__":{"id":"1","source":"/s","type":"t"}}`;
    expect(detail(parse({ 'content-type': 'application/cloudevents+json' }, body))).toMatch(/^id must/);
  });

  it('never throws, whatever comes', () => {
    const anyHeaders = fc.dictionary(
      fc.constantFrom('content-type', 'ce-specversion', 'ce-id', 'ce-source', 'ce-type', 'ce-x'),
      fc.string(),
    );
    fc.assert(
      fc.property(anyHeaders, fc.uint8Array(), (headers, body) => {
        const result = parseHttpEvent(headers, body);
        if (result.ok) toBinary(result.event, result.dataBytes);
      }),
    );
  });
});

it('brings every attribute and JSON value through binary mode and back', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((value) => !/\p{C}/u.test(value));
  fc.assert(
    fc.property(text, text, fc.json(), (id, subject, json) => {
      const data = JSON.parse(json);
      const given = anEvent({ id, subject, datacontenttype: 'application/json', data });
      const { headers, body } = toBinary(given);
      for (const value of Object.values(headers)) expect(value).toMatch(/^[\x20-\x7e]*$/);
      // Undone by the parser, as a value in quotes is one that an older sender quoted.
      expect(event(parseHttpEvent(headers, body))).toEqual(given);
    }),
  );
});

it('lets through the headers that Knative does, and no others', () => {
  const passed = { traceparent: 't', 'x-request-id': 'r', 'retry-after': '1', 'knative-x': 'k', 'x-b3-traceid': 'b' };
  expect(passThroughHeaders({ ...passed, authorization: 'secret', cookie: 'c', prefer: 'reply' })).toEqual(passed);
});
