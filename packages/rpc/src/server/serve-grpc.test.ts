import { fileURLToPath } from 'node:url';
import { CodedError, cryptoRandom, formatUuid, isCodedError, toHex, uuidV7 } from '@everopen/core';
import {
  Account,
  CustomersService,
  Purchase,
  Role,
  type CustomersServer,
} from '@everopen/contract/customers';
import { Client, credentials, Metadata, status as GrpcStatus, type ServiceError } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectGrpc, type GrpcClient } from '../client/connect-grpc.ts';
import { EncodedMessage } from './encoded-message.ts';
import type { CallContext } from './handlers.ts';
import { serveGrpc } from './serve-grpc.ts';

const CLUSTER_KEY = 'a key of a cluster';
const protoPath = fileURLToPath(new URL('../../../../proto/customers.proto', import.meta.url));
const account: Account = {
  accountId: 7,
  role: Role.BUYER,
  username: 'ada',
  displayName: 'Ada',
  createdAtUnixMs: 1,
  itemsBought: 0,
};

type Handlers = Record<string, (request: never, call: CallContext) => unknown>;
const running: { stop(): Promise<void> | void }[] = [];

afterEach(async () => {
  for (const thing of running.splice(0).reverse()) await thing.stop();
});

async function serve(handlers: Handlers, options: { port?: number; maxConcurrentCalls?: number } = {}) {
  const refuse = () => Promise.reject(new CodedError('NotReady', 'Not in this test'));
  const all = Object.fromEntries(Object.keys(CustomersService).map((name) => [name, refuse]));
  const server = await serveGrpc({
    address: { host: '127.0.0.1', port: options.port ?? 0 },
    clusterKey: CLUSTER_KEY,
    service: CustomersService,
    handlers: { ...all, ...handlers },
    protoPath,
    ...(options.maxConcurrentCalls === undefined ? {} : { maxConcurrentCalls: options.maxConcurrentCalls }),
  });
  running.push(server);
  return server;
}

function connect(
  ports: number[],
  options: { clusterKey?: string; deadlineMs?: number; attemptMs?: number } = {},
) {
  const client: GrpcClient<CustomersServer> = connectGrpc({
    addresses: ports.map((port) => `127.0.0.1:${port}`),
    service: CustomersService,
    clusterKey: CLUSTER_KEY,
    deadlineMs: 1_000,
    pipe,
    ...options,
  });
  running.push({ stop: () => client.close() });
  return client;
}

async function codeOf(promise: Promise<unknown>): Promise<CodedError> {
  try {
    await promise;
  } catch (error) {
    if (isCodedError(error)) return error;
    throw error;
  }
  throw new Error('It should have been refused');
}

let pipe = true;

describe.each([
  ['through its pipe', true],
  ['by calls of their own', false],
])('a gRPC server of ours, called %s', (_, throughPipe) => {
  beforeEach(() => {
    pipe = throughPipe;
  });

  it('hands key, read position and request to the handler, and the position back to the caller', async () => {
    let seen: unknown;
    const server = await serve({
      getAccount: (request: unknown, call) => {
        seen = { request, key: call.idempotencyKey && toHex(call.idempotencyKey), readAt: call.readAt };
        call.setPosition('1:42');
        return Promise.resolve(account);
      },
    });
    const key = uuidV7(1_700_000_000_000, cryptoRandom);
    const reply = await connect([server.address.port]).getAccount(
      { accountId: 7 },
      { key: formatUuid(key), readAt: '1:41' },
    );
    expect(reply).toEqual({ response: account, position: '1:42' });
    expect(seen).toEqual({ request: { accountId: 7 }, key: toHex(key), readAt: '1:41' });
  });

  it('sends an answer that is encoded already as it is', async () => {
    const server = await serve({
      getAccount: () => Promise.resolve(new EncodedMessage(Account.encode(account).finish())),
    });
    const { response } = await connect([server.address.port]).getAccount({ accountId: 7 });
    expect(response).toEqual(account);
  });

  it('refuses a wrong cluster key before the handler sees anything', async () => {
    let called = false;
    const server = await serve({
      getAccount: () => {
        called = true;
        return Promise.resolve(account);
      },
    });
    const client = connect([server.address.port], { clusterKey: 'another key' });
    expect((await codeOf(client.getAccount({ accountId: 7 }))).code).toBe('Unauthenticated');
    expect(called).toBe(false);
  });

  it('carries code, message and details of a refusal to the caller', async () => {
    const server = await serve({
      addToCart: () =>
        Promise.reject(new CodedError('OutOfStock', 'Only 3 are left', { details: { available: 3 } })),
    });
    const error = await codeOf(
      connect([server.address.port]).addToCart({
        sessionKey: Buffer.alloc(32),
        itemId: 1,
        quantity: 5,
        available: 3,
      }),
    );
    expect(error).toMatchObject({
      code: 'OutOfStock',
      message: 'Only 3 are left',
      details: { available: 3 },
    });
  });

  it('keeps the text of an unexpected exception to itself', async () => {
    const server = await serve({ getAccount: () => Promise.reject(new Error('secret of the house')) });
    const error = await codeOf(connect([server.address.port]).getAccount({ accountId: 7 }));
    expect(error.code).toBe('Internal');
    expect(error.message).not.toContain('secret');
  });

  it('X: answers bytes that are no message, and a number beyond 2^53, with InvalidArgument', async () => {
    const server = await serve({ getAccount: () => Promise.resolve(account) });
    const huge = Buffer.from([0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
    for (const bytes of [Buffer.from([0xff, 0xff, 0xff]), huge]) {
      expect((await rawCall(server.address.port, bytes)).code).toBe(GrpcStatus.INVALID_ARGUMENT);
    }
  });

  it('X: refuses a request above the size limit, and an idempotency key that is no UUIDv7', async () => {
    const server = await serve({ getAccount: () => Promise.resolve(account) });
    const tooLarge = await rawCall(server.address.port, Buffer.alloc(70_000));
    expect(tooLarge.code).toBe(GrpcStatus.RESOURCE_EXHAUSTED);
    const badKey = await codeOf(
      connect([server.address.port]).getAccount({ accountId: 7 }, { key: 'not-a-uuid' }),
    );
    expect(badKey).toMatchObject({ code: 'InvalidArgument' });
  });

  it('refuses more calls than it may have in progress, and serves again after', async () => {
    let finish = (): void => {};
    let enter = (): void => {};
    const gate = new Promise<void>((resolve) => (finish = resolve));
    const entered = new Promise<void>((resolve) => (enter = resolve));
    const server = await serve(
      {
        getAccount: () => {
          enter();
          return gate.then(() => account);
        },
      },
      { maxConcurrentCalls: 1 },
    );
    const client = connect([server.address.port]);
    const first = client.getAccount({ accountId: 7 });
    await entered;
    const other = connect([server.address.port]);
    expect(await codeOf(other.getAccount({ accountId: 7 }))).toMatchObject({
      code: 'Overloaded',
      details: { limit: 1 },
    });
    finish();
    expect((await first).response).toEqual(account);
    expect((await connect([server.address.port]).getAccount({ accountId: 7 })).response).toEqual(account);
  });

  it('streams, and ends a failed stream with its code', async () => {
    const server = await serve({
      streamPurchases: async function* () {
        yield Purchase.create({ orderId: 1 });
        yield Purchase.create({ orderId: 2 });
        await Promise.resolve();
        throw new CodedError('NotReady', 'Enough');
      },
    });
    const seen: number[] = [];
    const consume = async (): Promise<void> => {
      const stream = connect([server.address.port]).streamPurchases({ afterOrderId: 0 });
      for await (const purchase of stream) seen.push(purchase.orderId);
    };
    expect((await codeOf(consume())).code).toBe('NotReady');
    expect(seen).toEqual([1, 2]);
  });
});

describe.each([
  ['with a pipe', true],
  ['without one', false],
])('a gRPC client of ours, %s', (_, throughPipe) => {
  beforeEach(() => {
    pipe = throughPipe;
  });

  it('S4: moves to another replica when one refuses or is gone, under the same key', async () => {
    const keys: string[] = [];
    const refusing = await serve({
      getAccount: (_: never, call) => {
        keys.push(toHex(call.idempotencyKey ?? new Uint8Array()));
        return Promise.reject(new CodedError('NotReady', 'No quorum here'));
      },
    });
    const gone = await serve({});
    await gone.stop();
    const serving = await serve({
      getAccount: (_: never, call) => {
        keys.push(toHex(call.idempotencyKey ?? new Uint8Array()));
        return Promise.resolve(account);
      },
    });
    const key = formatUuid(uuidV7(1_700_000_000_000, cryptoRandom));
    for (let run = 0; run < 6; run++) {
      const client = connect([refusing.address.port, gone.address.port, serving.address.port]);
      expect((await client.getAccount({ accountId: 7 }, { key })).response).toEqual(account);
    }
    expect(new Set(keys).size).toBe(1);
  });

  it('S4: a replica that names the leader sends its callers there, without a pause', async () => {
    const leader = await serve({ getAccount: () => Promise.resolve(account) });
    const leaderAddress = `127.0.0.1:${leader.address.port}`;
    let refusals = 0;
    const follower = () =>
      serve({
        getAccount: () => {
          refusals++;
          const details = { leader: leaderAddress };
          return Promise.reject(new CodedError('NotReady', 'I do not lead', { details }));
        },
      });
    const followers = [await follower(), await follower(), await follower(), await follower()];
    const ports = [...followers, leader].map(({ address }) => address.port);
    for (let run = 0; run < 8; run++) {
      refusals = 0;
      const client = connect(ports);
      expect((await client.getAccount({ accountId: 7 })).response).toEqual(account);
      expect((await client.getAccount({ accountId: 7 })).response).toEqual(account);
      expect(refusals).toBeLessThanOrEqual(1);
    }
  });

  it('S4: two replicas that name each other, or a stranger, are not asked in turns without end', async () => {
    const calls = { a: 0, b: 0 };
    const addresses: Record<string, string> = {};
    const naming = (self: 'a' | 'b', leader: string) =>
      serve({
        getAccount: () => {
          calls[self]++;
          const details = { leader: addresses[leader] ?? '192.0.2.1:1' };
          return Promise.reject(new CodedError('NotReady', 'I do not lead', { details }));
        },
      });
    const a = await naming('a', 'b');
    const b = await naming('b', 'a');
    const stranger = await naming('a', 'nobody');
    addresses['a'] = `127.0.0.1:${a.address.port}`;
    addresses['b'] = `127.0.0.1:${b.address.port}`;
    const client = connect([a.address.port, b.address.port, stranger.address.port], { deadlineMs: 300 });
    expect((await codeOf(client.getAccount({ accountId: 7 }))).code).toBe('NotReady');
    expect(calls.a + calls.b).toBeLessThan(50);
  });

  it('S4: a stream is begun at another replica if one cannot, but never twice', async () => {
    const gone = await serve({});
    await gone.stop();
    const refusing = await serve({
      streamPurchases: () => ({
        [Symbol.asyncIterator]: () => ({
          next: () => Promise.reject(new CodedError('NotReady', 'No quorum here')),
        }),
      }),
    });
    const serving = await serve({
      streamPurchases: async function* () {
        yield Purchase.create({ orderId: 1 });
        await Promise.resolve();
      },
    });
    for (let run = 0; run < 6; run++) {
      const client = connect([gone, refusing, serving].map(({ address }) => address.port));
      const seen: number[] = [];
      for await (const { orderId } of client.streamPurchases({ afterOrderId: 0 })) seen.push(orderId);
      expect(seen).toEqual([1]);
    }
  });

  it('leaves a silent replica after the attempt limit', async () => {
    const silent = await serve({ getAccount: () => new Promise(() => {}) });
    const serving = await serve({ getAccount: () => Promise.resolve(account) });
    for (let run = 0; run < 4; run++) {
      const client = connect([silent.address.port, serving.address.port], { attemptMs: 50 });
      expect((await client.getAccount({ accountId: 7 })).response).toEqual(account);
    }
  });

  it('says Unknown when nobody can be reached until the deadline', async () => {
    const gone = await serve({});
    await gone.stop();
    const client = connect([gone.address.port], { deadlineMs: 150 });
    expect((await codeOf(client.getAccount({ accountId: 7 }))).code).toBe('Unknown');
  });

  it('does not repeat what another attempt cannot mend', async () => {
    let calls = 0;
    const server = await serve({
      getAccount: () => {
        calls++;
        return Promise.reject(new CodedError('NotFound', 'No such account'));
      },
    });
    await codeOf(connect([server.address.port]).getAccount({ accountId: 7 }));
    expect(calls).toBe(1);
  });
});

function rawCall(port: number, bytes: Buffer): Promise<ServiceError> {
  const channel = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  running.push({ stop: () => channel.close() });
  return new Promise((resolve, reject) => {
    const metadata = connectMetadata();
    channel.makeUnaryRequest(
      CustomersService.getAccount.path,
      (value: Buffer) => value,
      (value: Buffer) => value,
      bytes,
      metadata,
      { deadline: Date.now() + 2_000 },
      (error) => (error === null ? reject(new Error('It should have been refused')) : resolve(error)),
    );
  });
}

function connectMetadata(): Metadata {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${CLUSTER_KEY}`);
  return metadata;
}
