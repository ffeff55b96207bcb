import { fileURLToPath } from 'node:url';
import { CodedError, systemClock } from '@everopen/core';
import { Account, CustomersService, GetAccountRequest, Role } from '@everopen/contract/customers';
import { Client, credentials, Metadata, type ClientDuplexStream, type ServiceError } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallContext } from '../server/handlers.ts';
import { serveGrpc } from '../server/serve-grpc.ts';
import { clientPipe } from './client-pipe.ts';
import { PIPE_METHOD } from './pipe-method.ts';

const KEY = 'a key of a cluster';
const protoPath = fileURLToPath(new URL('../../../../proto/customers.proto', import.meta.url));
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of cleanUp.splice(0).reverse()) await one();
});

async function serve(
  getAccount: (request: GetAccountRequest, call: CallContext) => Promise<Account>,
  port = 0,
) {
  const refuse = () => Promise.reject(new CodedError('NotReady', 'Not in this test'));
  const handlers = Object.fromEntries(Object.keys(CustomersService).map((name) => [name, refuse]));
  const server = await serveGrpc({
    address: { host: '127.0.0.1', port },
    clusterKey: KEY,
    service: CustomersService,
    handlers: { ...handlers, getAccount },
    protoPath,
  });
  cleanUp.push(() => server.stop());
  return server;
}

function open(port: number, clusterKey = KEY) {
  const channel = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${clusterKey}`);
  const pipe = clientPipe(channel, () => metadata, systemClock);
  cleanUp.push(() => {
    pipe.close();
    channel.close();
  });
  const call = async (accountId: number, timeoutMs = 2_000): Promise<Account> => {
    const request = GetAccountRequest.encode({ accountId }).finish();
    const frame = { method: 'getAccount', timeoutMs, key: undefined, readAt: undefined, request };
    return Account.decode((await pipe.call(frame)).response);
  };
  return { pipe, call, channel, metadata };
}

function accountOf(accountId: number): Account {
  return Account.create({ accountId, role: Role.BUYER });
}

describe('a pipe', () => {
  it('carries thousands of calls at once, each answered with its own answer, in any order', async () => {
    const server = await serve(async ({ accountId }) => {
      if (accountId % 3 === 0) await new Promise((resume) => setTimeout(resume, accountId % 20));
      return accountOf(accountId);
    });
    const { call } = open(server.address.port);
    const ids = Array.from({ length: 3_000 }, (_, index) => index + 1);
    const answers = await Promise.all(ids.map((id) => call(id)));
    expect(answers.map(({ accountId }) => accountId)).toEqual(ids);
  });

  it('that breaks fails its waiting calls with Unknown, and the next call opens another', async () => {
    const silent = await serve(() => new Promise(() => {}));
    const { call } = open(silent.address.port);
    const waiting = call(1, 15_000);
    await new Promise((resume) => setTimeout(resume, 100));
    await silent.stop();
    await expect(waiting).rejects.toMatchObject({ code: 'Unknown' });
    await serve(({ accountId }) => Promise.resolve(accountOf(accountId)), silent.address.port);
    await expect
      .poll(
        () =>
          call(2).then(
            ({ accountId }) => accountId,
            () => 'not yet',
          ),
        { timeout: 10_000 },
      )
      .toBe(2);
  });

  it('gives up a call at its deadline, and is not disturbed by its late answer', async () => {
    const server = await serve(async ({ accountId }) => {
      if (accountId === 1) await new Promise((resume) => setTimeout(resume, 150));
      return accountOf(accountId);
    });
    const { call } = open(server.address.port);
    await expect(call(1, 50)).rejects.toMatchObject({ code: 'DeadlineExceeded' });
    await new Promise((resume) => setTimeout(resume, 150));
    expect((await call(2)).accountId).toBe(2);
  });

  it('answers what is running before a server stops', async () => {
    let enter = (): void => {};
    const entered = new Promise<void>((resolve) => (enter = resolve));
    const server = await serve(async ({ accountId }) => {
      enter();
      await new Promise((resume) => setTimeout(resume, 100));
      return accountOf(accountId);
    });
    const running = open(server.address.port).call(1);
    await entered;
    await Promise.all([server.stop(), expect(running).resolves.toMatchObject({ accountId: 1 })]);
  });

  it('X: is refused without the cluster key', async () => {
    const server = await serve(({ accountId }) => Promise.resolve(accountOf(accountId)));
    await expect(open(server.address.port, 'another key').call(1)).rejects.toMatchObject({
      code: 'Unauthenticated',
    });
  });

  it('X: refuses unknown methods, streams, inherited names, bad requests and keys, one by one', async () => {
    const server = await serve(({ accountId }) => Promise.resolve(accountOf(accountId)));
    const { pipe } = open(server.address.port);
    const good = { method: 'getAccount', timeoutMs: 1_000, key: undefined, readAt: undefined };
    const codeOf = (frame: Partial<Parameters<typeof pipe.call>[0]>): Promise<unknown> =>
      pipe.call({ ...good, request: new Uint8Array(), ...frame }).then(
        () => 'answered',
        (error: CodedError) => error.code,
      );
    for (const method of ['nothing', 'streamPurchases', 'constructor', '__proto__']) {
      expect(await codeOf({ method })).toBe('MethodNotAllowed');
    }
    expect(await codeOf({ request: Uint8Array.of(255, 255) })).toBe('InvalidArgument');
    expect(await codeOf({ key: new Uint8Array(16) })).toBe('InvalidArgument');
    expect(await codeOf({ request: new Uint8Array(60_000) })).toBe('PayloadTooLarge');
    expect(await codeOf({})).toBe('answered');
  });

  it('X: that sends what is no message is cut off; others go on', async () => {
    const server = await serve(({ accountId }) => Promise.resolve(accountOf(accountId)));
    const { channel, metadata, call } = open(server.address.port);
    const { path, requestSerialize, responseDeserialize } = PIPE_METHOD;
    const hostile: ClientDuplexStream<Uint8Array, Uint8Array> = channel.makeBidiStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      metadata,
    );
    const ended = new Promise<ServiceError | undefined>((resolve) => {
      hostile.on('error', resolve);
      hostile.on('end', () => resolve(undefined));
    });
    hostile.resume();
    hostile.write(Uint8Array.of(9, 9, 9, 9));
    await ended;
    expect((await call(3)).accountId).toBe(3);
  });
});
