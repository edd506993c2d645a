/** A text that is no CESQL expression. */
export class CesqlSyntaxError extends Error {
  override readonly name = 'CesqlSyntaxError';

  /** @param at offset in the expression, from 0 */
  constructor(at: number, detail: string) {
    super(`${detail} at character ${at + 1}`);
  }
}
