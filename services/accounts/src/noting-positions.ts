import type { DatabaseName, KnownPositions } from '@everopen/rest';

/**
 * The same calls, with the position of every answer taken note of: also of those that are made for no single
 * request, such as the steps of a purchase.
 */
export function notingPositions<Calls extends object>(
  calls: Calls,
  database: DatabaseName,
  known: KnownPositions,
): Calls {
  const noting = Object.entries(calls).map(([name, call]) => [
    name,
    (...parameters: unknown[]): unknown => {
      const result = (call as (...parameters: unknown[]) => unknown)(...parameters);
      if (!(result instanceof Promise)) return result;
      return result.then((reply: { position?: string | undefined } | undefined) => {
        known.note(database, reply?.position);
        return reply;
      });
    },
  ]);
  return Object.fromEntries(noting) as Calls;
}
