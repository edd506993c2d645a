import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import type { Manifest } from './manifest.ts';

const { definitions, kinds } = JSON.parse(
  readFileSync(new URL('../schemas/schemas.json', import.meta.url), 'utf8'),
) as { sources: Record<string, string>; definitions: object; kinds: Record<string, object> };

// Patterns are Go's: not all of them stand the stricter syntax of the `u` flag.
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
const compiled = new Map<string, ValidateFunction>();

/** What is wrong with a manifest by the schema of its kind, a line each; none where it is right. */
export function faultsOf(manifest: Manifest): string[] {
  const kind = `${manifest.apiVersion} ${manifest.kind}`;
  const schema = kinds[kind];
  if (!schema) return [`${kind}: there is no schema of this kind`];
  const validate = compiled.get(kind) ?? ajv.compile({ ...schema, definitions });
  compiled.set(kind, validate);
  if (validate(manifest)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
