import { expect, it } from 'vitest';
import { World } from '../world/world.ts';
import { SimulatedNetwork, type LinkConditions } from './simulated-network.ts';

async function exchange(
  conditions: Partial<LinkConditions>,
  seed = 1,
): Promise<{ received: number[]; network: SimulatedNetwork }> {
  const world = new World({ seed });
  const network = new SimulatedNetwork(world, conditions);
  const received: number[] = [];
  const b = await network
    .host('b')
    .bind({ host: 'b', port: 7 }, (bytes) => received.push(Buffer.from(bytes).readUInt32BE()));
  const a = await network.host('a').bind({ host: 'a', port: 0 }, () => {});
  const reused = Buffer.alloc(4);
  for (let n = 0; n < 1000; n++) {
    reused.writeUInt32BE(n);
    a.send(reused, b.address);
  }
  await world.run(10_000);
  return { received, network };
}

it('a perfect link delivers everything in order, and the sender may reuse its buffer', async () => {
  const { received } = await exchange({});
  expect(received).toEqual(Array.from({ length: 1000 }, (_, n) => n));
});

it('loses, doubles, corrupts and reorders about as often as told, the same way for the same seed', async () => {
  const conditions = { loss: 0.2, duplicate: 0.1, corrupt: 0.05, delayMs: { min: 0, max: 50 } };
  const { received, network } = await exchange(conditions);
  const { lost, duplicated, corrupted, delivered } = network.counts;
  expect(lost).toBeGreaterThan(150);
  expect(lost).toBeLessThan(250);
  expect(duplicated).toBeGreaterThan(40);
  expect(corrupted).toBeGreaterThan(20);
  expect(delivered).toBe(1000 - lost + duplicated);
  expect(received).not.toEqual(received.toSorted((x, y) => x - y));
  expect((await exchange(conditions)).received).toEqual(received);
  expect((await exchange(conditions, 2)).received).not.toEqual(received);
});

it('cuts one way, partitions both ways, and heals', async () => {
  const world = new World({ seed: 1 });
  const network = new SimulatedNetwork(world);
  const heard: string[] = [];
  const names = ['a', 'b', 'c'];
  const sockets = await Promise.all(
    names.map((host) =>
      network
        .host(host)
        .bind({ host, port: 1 }, (bytes) => heard.push(`${Buffer.from(bytes).toString()}${host}`)),
    ),
  );
  const everybodySpeaks = async (): Promise<string[]> => {
    heard.length = 0;
    for (const [i, socket] of sockets.entries()) {
      for (const host of names)
        if (host !== names[i]) socket.send(Buffer.from(names[i] as string), { host, port: 1 });
    }
    await world.run(world.nowMs + 10);
    return heard.toSorted();
  };
  network.cut('a', 'b');
  expect(await everybodySpeaks()).toEqual(['ac', 'ba', 'bc', 'ca', 'cb']);
  network.heal();
  network.partition([['a', 'b'], ['c']]);
  expect(await everybodySpeaks()).toEqual(['ab', 'ba']);
  network.heal();
  expect(await everybodySpeaks()).toHaveLength(6);
  network.crash('c');
  expect(await everybodySpeaks()).toEqual(['ab', 'ba']);
});

it('a port is bound once, and again after it is closed', async () => {
  const network = new SimulatedNetwork(new World({ seed: 1 }));
  const first = await network.host('a').bind({ host: 'a', port: 5 }, () => {});
  await expect(network.host('a').bind({ host: 'a', port: 5 }, () => {})).rejects.toMatchObject({
    code: 'InUse',
  });
  first.close();
  await network.host('a').bind({ host: 'a', port: 5 }, () => {});
});
