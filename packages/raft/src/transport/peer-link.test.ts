import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { cryptoRandom, silentLogger, systemClock } from '@everopen/core';
import { afterEach, expect, it } from 'vitest';
import type { MemberId } from '../core/types.ts';
import type { Credentials } from './handshake.ts';
import { TcpTransport, type TransportOptions } from './tcp-transport.ts';

const HOST = '127.0.0.1';
const GREETING = 20;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

it('hangs up on a connection that swallows everything, and dials again', async () => {
  const received: MemberId[] = [];
  const listener = await transportOf(2, [], { frame: (from) => received.push(from) });
  const relay = await relayTo(listener.address.port);
  let losses = 0;
  const dialler = await transportOf(1, [{ id: 2, host: HOST, port: relay.port }], { lost: () => losses++ });
  await until(() => dialler.isOpen(2));
  relay.swallow();
  await until(() => losses === 1);
  await until(() => dialler.isOpen(2));
  dialler.send(2, GREETING, () => {});
  dialler.flush();
  await until(() => received.length === 1);
  expect(received).toEqual([1]);
});

it('keeps one connection for what a peer says: the newest', async () => {
  const listener = await transportOf(2, []);
  const address = { id: 2, host: HOST, port: listener.address.port };
  let losses = 0;
  const before = await transportOf(1, [address], { lost: () => losses++ });
  await until(() => before.isOpen(2));
  const restarted = await transportOf(1, [address]);
  await until(() => restarted.isOpen(2));
  await until(() => losses > 0);
});

it('dials a peer that was away as soon as that one calls', async () => {
  const port = await freePort();
  const clock = { ...systemClock, setTimer: withoutRedials };
  const here = await transportOf(1, [{ id: 2, host: HOST, port }], {}, { clock });
  await transportOf(
    2,
    [{ id: 1, host: HOST, port: here.address.port }],
    {},
    { listen: { host: HOST, port } },
  );
  await until(() => here.isOpen(2));
});

/** Timers of less than a second, which redials have at first, never fire. */
function withoutRedials(...[delayMs, callback]: Parameters<typeof systemClock.setTimer>): {
  cancel: () => void;
} {
  return delayMs < 1_000 ? { cancel: () => {} } : systemClock.setTimer(delayMs, callback);
}

async function transportOf(
  self: MemberId,
  peers: TransportOptions['peers'],
  events: Partial<TransportOptions['events']> = {},
  options: Partial<TransportOptions> = {},
): Promise<TcpTransport> {
  const credentials: Credentials = { cluster: 'test', key: Buffer.alloc(32, 7), self, random: cryptoRandom };
  const nothing = (): void => {};
  const transport = await TcpTransport.open({
    credentials,
    listen: { host: HOST, port: 0 },
    peers,
    clock: systemClock,
    logger: silentLogger,
    events: { frame: nothing, snapshot: nothing, lost: nothing, refused: nothing, ...events },
    ...options,
  });
  closers.push(() => transport.close());
  return transport;
}

/** Passes connections on, until it is told to swallow what the present ones carry. */
async function relayTo(port: number): Promise<{ port: number; swallow: () => void }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((near) => {
    const far = connect(port, HOST);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => {}).on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  const address = await listening(server);
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const swallow = (): void => {
    for (const socket of sockets) socket.unpipe().resume();
  };
  return { port: address.port, swallow };
}

async function freePort(): Promise<number> {
  const server = createServer();
  const { port } = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listening(server: Server): Promise<AddressInfo> {
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  return server.address() as AddressInfo;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
