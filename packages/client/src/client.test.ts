import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isCodedError, parseUuid, uuidV7UnixMs, type CodedError } from '@everopen/core';
import { afterEach, describe, expect, it } from 'vitest';
import { createBuyerClient } from './create-buyer-client.ts';
import { createSellerClient } from './create-seller-client.ts';
import { makeKey } from './calls/make-key.ts';
import { serverPicker } from './calls/server-picker.ts';
import { fetchTransport } from './transport/fetch-transport.ts';
import type { Transport } from './transport/transport.ts';
import { undiciTransport } from './transport/undici-transport.ts';

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
type Answer = (seen: Seen, response: ServerResponse) => void;

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resume) => server.close(resume));
  }
});

/** A server that answers each request with the next of `answers`, and the last one for ever. */
async function serve(...answers: Answer[]): Promise<{ url: string; seen: Seen[]; server: Server }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const one = { method: request.method, url: request.url, headers: request.headers, body };
      seen.push(one);
      const answer = answers[Math.min(seen.length, answers.length) - 1] as Answer;
      answer(one, response);
    });
  });
  servers.push(server);
  await new Promise<void>((resume) => server.listen(0, '127.0.0.1', resume));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, server };
}

const ok =
  (body: unknown, headers: Record<string, string> = {}): Answer =>
  (_seen, response) => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
const problem =
  (status: number, code: string, headers: Record<string, string> = {}): Answer =>
  (_seen, response) => {
    const body = {
      code,
      detail: `because ${code}`,
      status,
      requestId: 'r1',
      errors: [{ field: 'q', message: 'm' }],
    };
    response
      .writeHead(status, { 'content-type': 'application/problem+json; charset=utf-8', ...headers })
      .end(JSON.stringify(body));
  };
const cut: Answer = (_seen, response) => void response.socket?.destroy();
const silence: Answer = () => {};

async function refusal(call: Promise<unknown>): Promise<CodedError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isCodedError(error)) throw new Error('The call was not refused with a coded error', { cause: error });
  return error;
}

const transports: [string, () => Transport][] = [
  ['fetch', fetchTransport],
  ['undici', undiciTransport],
];

describe.each(transports)('a client over %s', (_name, transport) => {
  it('S3: moves on when a server cuts the connection, and repeats the call under the same key', async () => {
    const dying = await serve(cut);
    const well = await serve(ok({ lines: [] }));
    const client = createBuyerClient({
      servers: [dying.url, well.url],
      random: () => 0,
      transport: transport(),
    });
    await client.addToCart(1, 2);
    expect(dying.seen[0]?.headers['idempotency-key']).toBe(well.seen[0]?.headers['idempotency-key']);
    expect(JSON.parse(well.seen[0]?.body ?? '')).toEqual({ itemId: 1, quantity: 2 });
    // It stays where it was served.
    await client.cart();
    expect(dying.seen).toHaveLength(1);
    await client.close();
  });

  it('S3: moves on from a server that is not there, and from one that is silent', async () => {
    const gone = await serve(cut);
    await new Promise((resume) => gone.server.close(resume));
    const silent = await serve(silence);
    const well = await serve(ok({ itemId: 1 }));
    const client = createBuyerClient({
      servers: [gone.url, silent.url, well.url],
      random: () => 0,
      attemptTimeoutMs: 50,
      transport: transport(),
    });
    expect(await client.item(1)).toEqual({ itemId: 1 });
    await client.close();
  });

  it('turns a problem into a coded error with fields and request id', async () => {
    const server = await serve(problem(400, 'InvalidArgument'));
    const client = createBuyerClient({ servers: [server.url], transport: transport() });
    const error = await refusal(client.search({ text: 'x' }));
    expect([error.code, error.message]).toEqual(['InvalidArgument', 'because InvalidArgument']);
    expect(error.details).toMatchObject({ requestId: 'r1', status: 400, errors: [{ field: 'q' }] });
    expect(server.seen).toHaveLength(1);
    await client.close();
  });
});

describe('a client', () => {
  it('M17: repeats what may not have happened, with one key, until it is answered', async () => {
    const server = await serve(
      problem(503, 'Unknown'),
      problem(503, 'NotReady'),
      (_seen, response) =>
        void response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>proxy</h1>'),
      ok({ state: 'paid' }),
    );
    const client = createBuyerClient({ servers: [server.url] });
    const card = { holderName: 'A', number: '4', expiryMonth: 1, expiryYear: 2030, securityCode: '1' };
    expect(await client.purchase({ lines: [], card })).toEqual({ state: 'paid' });
    expect(new Set(server.seen.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(server.seen).toHaveLength(4);
  });

  it('uses the key that it is given', async () => {
    const server = await serve(ok({}));
    const key = makeKey();
    await createBuyerClient({ servers: [server.url] }).clearCart({ key });
    expect(server.seen[0]?.headers['idempotency-key']).toBe(key);
  });

  it('does not repeat refusals, nor what asks for a person', async () => {
    for (const [status, code] of [
      [409, 'OutOfStock'],
      [402, 'PaymentDeclined'],
      [429, 'LoginThrottled'],
      [429, 'QuotaExceeded'],
      [401, 'Unauthenticated'],
    ] as const) {
      const server = await serve(problem(status, code));
      expect((await refusal(createBuyerClient({ servers: [server.url] }).cart())).code).toBe(code);
      expect(server.seen, code).toHaveLength(1);
    }
  });

  it('waits as long as an overloaded server says, or gives up if that is too long', async () => {
    const server = await serve(problem(429, 'Overloaded', { 'retry-after': '1' }), ok({ lines: [] }));
    const startedMs = performance.now();
    await createBuyerClient({ servers: [server.url] }).cart();
    expect(performance.now() - startedMs).toBeGreaterThan(990);
    const patient = await serve(problem(429, 'Overloaded', { 'retry-after': '60' }));
    const error = await refusal(createBuyerClient({ servers: [patient.url] }).cart());
    expect([error.code, error.details['retryAfterMs']]).toEqual(['Overloaded', 60_000]);
  });

  it('gives up at its own deadline with what went wrong last', async () => {
    const server = await serve(cut);
    const client = createBuyerClient({ servers: [server.url], callTimeoutMs: 200 });
    expect((await refusal(client.cart())).code).toBe('Unknown');
    expect(server.seen.length).toBeGreaterThan(1);
  });

  it('stops when it is told to, with the reason it is told', async () => {
    const server = await serve(cut);
    const reason = new Error('The user has gone');
    const controller = new AbortController();
    const call = createBuyerClient({ servers: [server.url] }).cart({ signal: controller.signal });
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
  });

  it('keeps the token from login to logout, also when the logout finds the session ended', async () => {
    const server = await serve(
      ok({ token: 'the.token.it' }),
      ok({}),
      problem(401, 'Unauthenticated'),
      ok({}),
    );
    const client = createSellerClient({ servers: [server.url] });
    await client.logIn({ username: 'a', password: 'b' });
    expect(client.state.token).toBe('the.token.it');
    await client.account();
    await client.logOut();
    await client.account();
    const sent = server.seen.map(({ headers }) => headers.authorization);
    expect(sent).toEqual([undefined, 'Bearer the.token.it', 'Bearer the.token.it', undefined]);
  });

  it('carries positions from answers to requests, never back, and hands them on', async () => {
    const server = await serve(
      ok({}, { 'everopen-position': 'customers=1:5, products=1:7' }),
      ok({}, { 'everopen-position': 'products=1:6' }),
      ok({}, { 'everopen-position': 'customers=2:1' }),
      ok({}),
    );
    const client = createBuyerClient({ servers: [server.url] });
    for (let i = 0; i < 3; i++) await client.cart();
    await createBuyerClient({ servers: [server.url], state: client.state }).cart();
    const sent = server.seen.map(({ headers }) => headers['everopen-position']);
    const newest = 'customers=1:5, products=1:7';
    expect(sent).toEqual([undefined, newest, newest, 'customers=2:1, products=1:7']);
  });

  it('asks in the form of the interface', async () => {
    const server = await serve(ok({ items: [] }));
    const buyer = createBuyerClient({ servers: [`${server.url}/shop/`] });
    await buyer.search({ keywords: ['a', 'b c'], text: 'x&y', category: 0, limit: 5 });
    await buyer.removeFromCart(7);
    const seller = createSellerClient({ servers: [server.url] });
    await seller.items({ cursor: '9' });
    expect(server.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /shop/v1/items?category=0&limit=5&q=x%26y&keyword=a&keyword=b+c',
      'DELETE /shop/v1/cart/lines/7',
      'GET /v1/items?cursor=9',
    ]);
  });

  it('names what is wrong with its list of servers', () => {
    for (const bad of [[], ['127.0.0.1:80'], ['ftp://127.0.0.1'], ['nonsense']]) {
      expect(() => createBuyerClient({ servers: bad })).toThrow(/servers must/);
    }
  });
});

describe('keys and picks', () => {
  it('makes version 7 UUIDs with the time of now, all different', () => {
    const keys = Array.from({ length: 100 }, makeKey);
    expect(new Set(keys).size).toBe(100);
    for (const key of keys) expect(Math.abs(uuidV7UnixMs(parseUuid(key)) - Date.now())).toBeLessThan(5_000);
  });

  it('S3: 1,000 clients spread evenly over 4 servers', () => {
    const urls = [1, 2, 3, 4].map((n) => `http://127.0.0.1:${n}`);
    const counts = new Map<string, number>();
    for (let i = 0; i < 1_000; i++) {
      const picked = serverPicker(urls, Math.random).current();
      counts.set(picked, (counts.get(picked) ?? 0) + 1);
    }
    // Six standard deviations (13.7 each) around 250: fails by chance once in 10^8 runs.
    for (const url of urls) expect(Math.abs((counts.get(url) ?? 0) - 250)).toBeLessThan(82);
  });
});
