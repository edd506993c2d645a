import { z } from 'zod';

/**
 * Cursors say after which row a page goes on. They are opaque: base64url of a JSON array, so that what is in them may
 * change. Rows that come or go between two pages neither repeat nor hide others.
 */
export type Place = [timeMs: number, id: string];

const placeSchema = z.tuple([z.int().min(0), z.string().max(256)]);

export function encodeCursor(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** A query parameter with a cursor, as the place it stands for. */
export const cursorSchema = z
  .string()
  .max(512)
  .transform((text, context): Place => {
    const place = placeSchema.safeParse(parseJson(Buffer.from(text, 'base64url').toString()));
    if (place.success) return place.data;
    context.addIssue('is not a cursor that this API gave out');
    return z.NEVER;
  })
  .meta({
    description: 'The `next` of the page before; the other parameters stay as they were',
  });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
