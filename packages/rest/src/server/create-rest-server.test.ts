import { connect, type Socket } from 'node:net';
import type { RouteTable } from '@everopen/contract/rest';
import { CodedError, silentLogger, type RunningService } from '@everopen/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sessionTokens } from '../sessions/session-token.ts';
import { createRestServer, type RestServerOptions } from './create-rest-server.ts';

const ROUTES = {
  echo: {
    method: 'POST',
    path: '/v1/echo/:word',
    summary: 'Echo',
    access: 'public',
    key: 'none',
    params: z.strictObject({ word: z.string() }),
    body: z.strictObject({ text: z.string() }),
    answers: { 200: z.object({ text: z.string() }) },
    errors: [],
  },
  bug: {
    method: 'GET',
    path: '/v1/bug',
    summary: 'A bug',
    access: 'public',
    key: 'none',
    answers: { 200: z.object({}) },
    errors: [],
  },
  refusal: {
    method: 'GET',
    path: '/v1/refusal',
    summary: 'A refusal with a header-like text',
    access: 'public',
    key: 'none',
    answers: { 200: z.object({}) },
    errors: [],
  },
} as const satisfies RouteTable;

let service: RunningService;
let base = '';
const logged: object[] = [];

const options = (): RestServerOptions => ({
  title: 'A test',
  description: 'A test',
  role: 'buyer',
  tokens: sessionTokens('a token secret of tests, long enough'),
  sessions: {
    check: async () => {
      throw new CodedError('Unauthenticated', 'No sessions here');
    },
    touch: async () => ({ response: undefined, position: undefined }),
  },
  probe: async () => {
    throw new CodedError('NotReady', 'No database');
  },
  logger: { ...silentLogger, error: (facts) => void logged.push(facts) },
});

beforeAll(async () => {
  const server = await createRestServer(options());
  server.mount(ROUTES, {
    echo: async ({ body }) => ({ status: 200 as const, body }),
    bug: async () => {
      throw new TypeError("Cannot read /srv/secret: SELECT * FROM accounts WHERE password = 'x'");
    },
    refusal: async () => {
      throw new CodedError('Overloaded', 'x\r\nset-cookie: evil=1', { details: { retryAfterMs: 2_500 } });
    },
  });
  service = await server.listen({ host: '127.0.0.1', port: 0 }, async () => {});
  base = `http://127.0.0.1:${service.address.port}`;
});
afterAll(() => service.stop());

function open(): Socket {
  const socket = connect(service.address.port, '127.0.0.1');
  socket.on('error', () => {});
  return socket;
}

/** All that the server says until it closes the connection. */
function answerTo(socket: Socket, request?: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('close', () => resolve(answer));
    if (request !== undefined) socket.write(request);
  });
}

const head = (...lines: string[]): string => `${lines.join('\r\n')}\r\n\r\n`;

describe('a REST server', () => {
  it('keeps the text of its own faults to the log, under the request id', async () => {
    const answer = await fetch(`${base}/v1/bug`);
    const text = await answer.text();
    expect(answer.status).toBe(500);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    for (const secret of ['SELECT', 'secret', 'TypeError', '.ts']) expect(text).not.toContain(secret);
    const { requestId } = JSON.parse(text) as { requestId: string };
    expect(requestId).toBe(answer.headers.get('request-id'));
    expect(logged).toContainEqual({ err: expect.any(TypeError), requestId, route: '/v1/bug' });
  });

  it('says when to come back, and lets no text become a header', async () => {
    const answer = await fetch(`${base}/v1/refusal`);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '3']);
    expect(answer.headers.get('set-cookie')).toBeNull();
    const injected = await fetch(`${base}/v1/nothing%0d%0aset-cookie:evil=1`);
    expect([injected.status, injected.headers.get('set-cookie')]).toEqual([404, null]);
  });

  it('does not start at an address that is taken or is not here', async () => {
    const start = async (host: string, port: number) => {
      const other = await createRestServer(options());
      return other.listen({ host, port }, async () => {});
    };
    await expect(start('127.0.0.1', service.address.port)).rejects.toMatchObject({ code: 'InUse' });
    await expect(start('192.0.2.1', 0)).rejects.toMatchObject({ code: 'InvalidArgument' });
  });

  it('is not ready while its probe says so', async () => {
    const answer = await fetch(`${base}/ready`);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([503, 'NotReady']);
    expect((await fetch(`${base}/health`)).status).toBe(200);
  });

  it('takes UTF-8 only, and only once per field', async () => {
    const post = (body: string | Buffer) =>
      fetch(`${base}/v1/echo/x`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect(await (await post('{"text":"Grüße 🙂"}')).json()).toEqual({ text: 'Grüße 🙂' });
    expect((await post(Buffer.from('{"text":"\xff\xfe"}', 'latin1'))).status).toBe(400);
    expect((await post(Buffer.from('{"text":"a"}', 'utf16le'))).status).toBe(400);
  });

  it('A17: refuses what is too big before reading it', async () => {
    const huge = head(
      'POST /v1/echo/x HTTP/1.1',
      'Host: x',
      'Content-Type: application/json',
      'Content-Length: 1000000000',
    );
    expect(await answerTo(open(), huge)).toMatch(/^HTTP\/1\.1 413 [\s\S]*"code":"PayloadTooLarge"/);
    const line = head(`GET /${'x'.repeat(1_000_000)} HTTP/1.1`, 'Host: x');
    expect(await answerTo(open(), line)).toMatch(/^HTTP\/1\.1 431 [\s\S]*"code":"PayloadTooLarge"/);
    const headers = head('GET /health HTTP/1.1', ...Array.from({ length: 100_000 }, (_, i) => `X-${i}: 1`));
    expect(await answerTo(open(), headers)).toMatch(/^HTTP\/1\.1 431 /);
    const long = await fetch(`${base}/v1/echo/${'x'.repeat(101)}`, { method: 'POST' });
    expect([long.status, ((await long.json()) as { code: string }).code]).toEqual([400, 'InvalidArgument']);
    expect((await fetch(`${base}/health`)).status).toBe(200);
  });

  it.each([
    ['two lengths', ['Content-Length: 5', 'Content-Length: 6']],
    ['a length and chunks', ['Content-Length: 5', 'Transfer-Encoding: chunked']],
    ['a space before the colon', ['Content-Length : 5']],
    ['an unknown transfer encoding', ['Transfer-Encoding: xchunked']],
    ['a folded header', ['X-A: 1', ' folded: 2', 'Content-Length: 5\n']],
    ['a negative length', ['Content-Length: -5']],
  ])('A18: answers a request with %s once, with 400, and closes', async (_name, headers) => {
    const request = head('POST /v1/echo/x HTTP/1.1', 'Host: x', 'Content-Type: application/json', ...headers);
    const answer = await answerTo(open(), `${request}GET /health HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400']);
    expect(answer).toContain('"code":"InvalidArgument"');
    expect(answer.toLowerCase()).toContain('connection: close');
    expect(answer.toLowerCase()).toContain('x-content-type-options: nosniff');
  });

  it('A16: cuts slow and idle clients off, and serves others meanwhile', async () => {
    const slowHead = Array.from({ length: 20 }, () => answerTo(open(), 'GET /health HTTP/1.1\r\nX-Slow: '));
    const slowBody = Array.from({ length: 20 }, () =>
      answerTo(
        open(),
        `${head('POST /v1/echo/x HTTP/1.1', 'Host: x', 'Content-Type: application/json', 'Content-Length: 50')}{`,
      ),
    );
    const idle = answerTo(open(), head('GET /health HTTP/1.1', 'Host: x'));
    expect((await fetch(`${base}/health`)).status).toBe(200);
    for (const answer of await Promise.all(slowHead)) expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    for (const answer of await Promise.all(slowBody)) expect(answer).toMatch(/^HTTP\/1\.1 4(00|08) /);
    expect(await idle).toMatch(/^HTTP\/1\.1 200 /);
  });
});
