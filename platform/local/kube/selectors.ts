import type { KubeObject } from './object-store.ts';

export type Selector = (object: KubeObject) => boolean;

/** A selector that cannot be used; answered 400. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError';
}

/** Longer than anybody's labels; the patterns below take the square of it at worst. */
const maxLength = 2_000;

const requirement =
  /^\s*(?:(?<absent>!)\s*)?(?<key>[\w./-]+)\s*(?:(?<operator>==|=|!=)\s*(?<value>[\w.-]*)|\s(?<set>in|notin)\s*\((?<values>[^()]*)\))?\s*$/;

/**
 * A label selector (Kubernetes, "Labels and Selectors"): equality, sets and presence, all of which must hold.
 * @throws {SelectorError}
 */
export function labelSelector(text: string): Selector {
  if (text.trim() === '') return () => true;
  if (text.length > maxLength) throw new SelectorError(`a selector has at most ${maxLength} characters`);
  // A comma within brackets does not end a requirement.
  const all = text.split(/,(?![^(]*\))/).map((part): Selector => {
    const { absent, key = '', operator, value = '', set, values = '' } = requirement.exec(part)?.groups ?? {};
    if (key === '') throw new SelectorError(`unable to parse requirement: ${part}`);
    const label = ({ metadata }: KubeObject) => metadata.labels?.[key];
    if (absent !== undefined) return (object) => label(object) === undefined;
    if (operator !== undefined) return (object) => (label(object) === value) === (operator !== '!=');
    if (set === undefined) return (object) => label(object) !== undefined;
    const list = values.split(',').map((one) => one.trim());
    return (object) => list.includes(label(object) ?? '\0') === (set === 'in');
  });
  return (object) => all.every((holds) => holds(object));
}

/**
 * A field selector: by name and namespace, as for every custom resource.
 * @throws {SelectorError}
 */
export function fieldSelector(text: string): Selector {
  if (text.trim() === '') return () => true;
  if (text.length > maxLength) throw new SelectorError(`a selector has at most ${maxLength} characters`);
  const all = text.split(',').map((part): Selector => {
    const [, field, operator, value] = /^\s*metadata\.(name|namespace)(==|=|!=)(.*?)\s*$/.exec(part) ?? [];
    if (field !== 'name' && field !== 'namespace') throw new SelectorError(`field label not supported: ${part}`);
    return ({ metadata }) => ((metadata[field] ?? '') === value) === (operator !== '!=');
  });
  return (object) => all.every((holds) => holds(object));
}
