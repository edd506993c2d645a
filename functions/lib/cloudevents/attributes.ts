/** What is wrong with an event: the attribute, and why. */
export interface AttributeFault {
  attribute: string;
  detail: string;
}

/**
 * Checks the context attributes of an event (CloudEvents 1.0 and 0.3, §3.1 names and §3.2 types); answers what is
 * wrong with the first one that is, or undefined.
 */
export function attributeFault(event: Record<string, unknown>): AttributeFault | undefined {
  const { specversion } = event;
  if (specversion !== '1.0' && specversion !== '0.3') return fault('specversion', 'must be 1.0 or 0.3');
  for (const name of required) {
    const value = event[name];
    if (typeof value !== 'string' || value === '') return fault(name, 'must be a non-empty string');
  }
  for (const name in event) {
    if (name === 'data') continue;
    const value = event[name];
    // An attribute without a value is the same as none (JSON format §2.2: null is unset).
    if (value === undefined || value === null || value === lastGood[name]) continue;
    if (name === 'data_base64') {
      if (typeof value !== 'string' || value.length % 4 !== 0 || !base64.test(value))
        return fault(name, 'must be base64');
      continue;
    }
    const check = checks.get(name);
    if (check === undefined) {
      if (!attributeName.test(name)) return fault(name, 'is no attribute name: they match [a-z0-9]+');
      if (!isExtensionValue(value)) return fault(name, 'must be a string, a boolean or a 32-bit integer');
    } else if (typeof value !== 'string' || !check.pattern.test(value)) return fault(name, `must be ${check.form}`);
    if (name === 'time' && !isDayOfMonth(value as string)) return fault(name, 'names a day that its month has not');
    if (typeof value === 'string' && forbidden.test(value)) return fault(name, 'has a character that is not allowed');
    if (name in lastGood) lastGood[name] = value as string;
  }
  if (event.data !== undefined && event.data_base64 !== undefined) return fault('data_base64', 'excludes data');
  return undefined;
}

/** Names come from outside: quoted where they are odd, and bounded. */
function fault(attribute: string, why: string): AttributeFault {
  const shown =
    attributeName.test(attribute) || attribute === 'data_base64' ? attribute : JSON.stringify(attribute.slice(0, 64));
  return { attribute, detail: `${shown} ${why}` };
}

/**
 * The last good value of attributes that a sender repeats in every event: a comparison instead of two expressions, which
 * are a third of what checking a batch costs. Without a prototype, because an extension may be named `constructor`.
 */
const lastGood: Record<string, string | undefined> = Object.assign(Object.create(null), {
  specversion: undefined,
  source: undefined,
  type: undefined,
  subject: undefined,
  datacontenttype: undefined,
});

const required = ['id', 'source', 'type'];
const attributeName = /^[a-z0-9]+$/;
const base64 = /^[A-Za-z0-9+/]*={0,2}$/;
/** Control characters, lone surrogates and noncharacters, which no String may have (CloudEvents 1.0, type system). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that are looked for
const forbidden = /[\u0000-\u001f\u007f-\u009f]|\p{Surrogate}|\p{Noncharacter_Code_Point}/u;

const uriReference = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/;
const uri = { pattern: /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/, form: 'an absolute URI' };
/** A map, because `constructor` is a name that an extension may have. */
const checks: ReadonlyMap<string, { pattern: RegExp; form: string }> = new Map(
  Object.entries({
    source: { pattern: uriReference, form: 'a URI reference (RFC 3986)' },
    subject: { pattern: /./su, form: 'a non-empty string' },
    time: {
      pattern:
        /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i,
      form: 'a timestamp (RFC 3339)',
    },
    datacontenttype: { pattern: /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+\s*(?:;.*)?$/, form: 'a media type (RFC 2046)' },
    dataschema: uri,
    schemaurl: { pattern: uriReference, form: 'a URI reference (RFC 3986)' },
  }),
);

/** Whether the month of an RFC 3339 timestamp has its day. */
function isDayOfMonth(time: string): boolean {
  const day = Number(time.slice(8, 10));
  return day <= 28 || day <= new Date(Date.UTC(Number(time.slice(0, 4)), Number(time.slice(5, 7)), 0)).getUTCDate();
}

function isExtensionValue(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31;
  return typeof value === 'string' || typeof value === 'boolean';
}
