import type { Problem } from '@everopen/contract/rest';
import { cryptoRandom, formatUuid, uuidV7 } from '@everopen/core';

export interface HttpOptions {
  readonly token?: string;
  /** A new key if left out, none if null. */
  readonly key?: string | null;
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpAnswer<Body> {
  readonly status: number;
  readonly body: Body;
  readonly problem: Problem;
  readonly headers: Headers;
}

export function newKey(unixMs: number = Date.now()): string {
  return formatUuid(uuidV7(unixMs, cryptoRandom));
}

/** A request without the client library: what anybody could send. */
export async function http<Body>(
  base: string,
  method: string,
  path: string,
  { token, key, body, headers }: HttpOptions = {},
): Promise<HttpAnswer<Body>> {
  const answer = await fetch(base + path, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(key === null || method === 'GET' ? {} : { 'idempotency-key': key ?? newKey() }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const value = (text === '' ? undefined : JSON.parse(text)) as unknown;
  return { status: answer.status, body: value as Body, problem: value as Problem, headers: answer.headers };
}
