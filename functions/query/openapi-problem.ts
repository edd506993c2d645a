import { z } from 'zod';
import { maxProblemErrors, type ProblemCode, problemMediaType, problems, problemType } from '../lib/problem.ts';

export const problemSchema = z
  .object({
    type: z.string().describe('Stable: urn:fleet-telemetry:problem:<code>'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().optional().describe('Path of the request'),
    errors: z
      .array(
        z.object({
          index: z.int().optional().describe('Position in the batch'),
          pointer: z.string().optional().describe('JSON pointer (RFC 6901)'),
          code: z.string(),
          detail: z.string(),
        }),
      )
      .max(maxProblemErrors)
      .optional(),
  })
  .describe('A refusal (RFC 9457)');

const headersOf: Partial<Record<number, [string, string]>> = {
  401: ['WWW-Authenticate', 'Bearer'],
  429: ['Retry-After', 'Seconds to wait'],
  503: ['Retry-After', 'Seconds to wait'],
};

/** OpenAPI responses of some refusals; codes of one status share an entry. */
export function problemAnswers(...codes: ProblemCode[]): Record<string, unknown> {
  const byStatus = Map.groupBy(codes, (code) => problems[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, same]) => {
      const header = headersOf[status];
      return [
        status,
        {
          description: same.map((code) => `${problems[code].title} (\`${problemType(code)}\`)`).join('; '),
          ...(header && {
            headers: {
              [header[0]]: {
                description: header[1],
                schema: { type: 'string' },
              },
            },
          }),
          content: {
            [problemMediaType]: {
              schema: { $ref: '#/components/schemas/Problem' },
            },
          },
        },
      ];
    }),
  );
}
