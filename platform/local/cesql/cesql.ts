import type { CloudEvent } from '../../../functions/lib/telemetry/events.ts';
import { compile } from './compile.ts';
import { parse } from './parser.ts';
import type { Result } from './values.ts';

/**
 * A CESQL expression (CloudEvents SQL v1), ready to be evaluated: it sees context attributes and extensions, never the
 * data. Evaluation never throws: where something goes wrong there is a value and an error.
 * @throws {CesqlSyntaxError} for what is no expression
 */
export function cesql(text: string): (event: CloudEvent) => Result {
  return compile(parse(text));
}

/**
 * An expression as a filter: an error and anything but a Boolean are false (CloudEvents SQL v1 §1.2).
 * @throws {CesqlSyntaxError} for what is no expression
 */
export function cesqlFilter(text: string): (event: CloudEvent) => boolean {
  const evaluate = cesql(text);
  return (event) => {
    const { value, error } = evaluate(event);
    return value === true && error === undefined;
  };
}
