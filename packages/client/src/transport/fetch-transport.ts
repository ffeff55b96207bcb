import type { Transport } from './transport.ts';

/** The platform's own `fetch`: browsers, Node, Deno, Bun. */
export function fetchTransport(): Transport {
  return {
    send: async ({ method, url, headers, body, signal }) => {
      const answer = await fetch(url, {
        method,
        headers,
        signal,
        redirect: 'manual',
        ...(body === undefined ? {} : { body }),
      });
      return {
        status: answer.status,
        header: (name) => answer.headers.get(name) ?? undefined,
        body: await answer.text(),
      };
    },
    close: () => Promise.resolve(),
  };
}
