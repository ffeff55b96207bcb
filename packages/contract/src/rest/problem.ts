import { z } from 'zod';

/**
 * Every error answer (RFC 9457, content type `application/problem+json`). `code` is a row of `docs/errors.md`;
 * programs decide by it, never by the words.
 */
export const problemSchema = z
  .object({
    type: z.string().meta({ example: 'urn:everopen:error:OutOfStock' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().meta({ example: 'OutOfStock' }),
    remedy: z.string(),
    retry: z.enum(['never', 'same-key', 'later']),
    requestId: z.string(),
    errors: z
      .array(z.object({ field: z.string().meta({ example: 'lines[0].quantity' }), message: z.string() }))
      .optional(),
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Problem' });

export type Problem = z.infer<typeof problemSchema>;

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';
