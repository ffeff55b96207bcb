import { problemSchema, PROBLEM_CONTENT_TYPE, type RouteContract } from '@everopen/contract/rest';
import type { FastifySchema } from 'fastify';
import { z } from 'zod';

const STATUS_WORDS: Readonly<Record<number, string>> = {
  200: 'Done',
  201: 'Created',
  202: 'Accepted: not decided yet',
  204: 'Done; no body',
};

/** The schema of a route, for validation and for the interface description. */
export function openApiOf(name: string, route: RouteContract): FastifySchema {
  const answers = Object.fromEntries(
    Object.entries(route.answers).map(([status, body]) => [status, answerOf(Number(status), body)]),
  );
  const errors =
    route.errors.length === 0 ? 'The general error codes.' : `Own error codes: ${route.errors.join(', ')}.`;
  return {
    operationId: name,
    summary: route.summary,
    tags: [route.path.split('/')[2] as string],
    ...(route.params === undefined ? {} : { params: route.params }),
    ...(route.query === undefined ? {} : { querystring: route.query }),
    ...(route.body === undefined ? {} : { body: route.body }),
    ...(route.access !== 'public' ? { security: [{ session: [] }] } : {}),
    response: {
      ...answers,
      default: {
        description: `A problem (RFC 9457). ${errors}`,
        content: { [PROBLEM_CONTENT_TYPE]: { schema: problemSchema } },
      },
    },
    // Read again by the description's transform, which adds the headers that every route of a kind has.
    everopenKey: route.key,
  } as FastifySchema;
}

function answerOf(status: number, body: z.ZodType | null): object {
  const description = STATUS_WORDS[status] ?? 'Done';
  if (body === null) return z.null().describe(description);
  return { description, content: { 'application/json': { schema: body } } };
}
