import { Agent } from 'undici';
import type { Transport } from './transport.ts';

/** For Node: kept connections, at about half the CPU time of `fetch`. */
export function undiciTransport(options: { readonly connectionsPerServer?: number } = {}): Transport {
  const agent = new Agent({ connections: options.connectionsPerServer ?? 64, pipelining: 1 });
  return {
    send: async ({ method, url, headers, body, signal }) => {
      const { origin, pathname, search } = new URL(url);
      const answer = await agent.request({
        origin,
        path: pathname + search,
        method: method as 'GET',
        headers,
        body: body ?? null,
        signal,
      });
      return {
        status: answer.statusCode,
        header: (name) => [answer.headers[name]].flat()[0],
        body: await answer.body.text(),
      };
    },
    close: () => agent.close(),
  };
}
