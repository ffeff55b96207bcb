import { CodedError } from '@everopen/core';
import { describe, expect, it } from 'vitest';
import { change, newKey, newSite } from '../../test/toy-site.ts';
import { soloLog } from '../log/solo/solo-log.ts';
import type { SnapshotSource } from '../log/ordered-log.ts';
import { toyCommand, ToyMachine } from '../testing/toy-machine.ts';

const full = (): Promise<never> => Promise.reject(new CodedError('DiskFull', 'no room'));

/** Refuses everything, at length. */
class VerboseMachine extends ToyMachine {
  override apply(): Uint8Array {
    throw new CodedError('NotEnough', 'x'.repeat(100_000), { details: { lines: ['y'.repeat(100_000)] } });
  }
}

/** Refuses with details that JSON changes. */
class SloppyMachine extends ToyMachine {
  override apply(): Uint8Array {
    throw new CodedError('NotEnough', 'no', {
      details: { at: new Date(0), left: undefined, ratio: Number.NaN },
    });
  }
}

describe('a running replica', () => {
  it('can be closed while what was applied waits for room in a full store', async () => {
    const site = newSite();
    const store = site.storeWith(() => ({ write: full }));
    const replica = await site.start({ store, limits: { backlogRowsMax: 3 } });
    await replica.execute(change('ann', 1));
    const stuck = replica.execute(change('ann', 1));
    await expect.poll(() => replica.status().log.committed).toBeGreaterThan(replica.status().applied);
    await Promise.all([replica.close(), expect(stuck).rejects.toMatchObject({ code: 'Unknown' })]);
    expect(site.fatal).toEqual([]);
  });

  it('takes no more commands into the log than it may hold, though their callers have given up', async () => {
    const site = newSite();
    const store = site.storeWith(() => ({ write: full }));
    const limits = { backlogRowsMax: 3, commandsWaitingMax: 20, commandWaitMsMax: 10 };
    const replica = await site.start({ store, limits });
    await replica.execute(change('ann', 1));
    const codes = new Set<string>();
    for (let wave = 0; wave < 5; wave++) {
      const wanted = Array.from({ length: 20 }, () => replica.execute(change('ann', 1)));
      for (const outcome of await Promise.allSettled(wanted)) {
        if (outcome.status === 'rejected') codes.add((outcome.reason as CodedError).code);
      }
    }
    const { log, applied } = replica.status();
    expect(log.committed - applied).toBeLessThanOrEqual(2 * limits.commandsWaitingMax);
    expect(codes).toEqual(new Set(['Unknown', 'Overloaded']));
  });

  it('waits for the store also with commands that change no row', async () => {
    const site = newSite();
    const store = site.storeWith(() => ({ write: full }));
    const replica = await site.start({ store, limits: { backlogRowsMax: 10, commandWaitMsMax: 500 } });
    await replica.execute(change('ann', 1));
    let refused = 0;
    for (let i = 0; i < 50 && refused === i; i++) {
      await replica.execute(change('bob', -1)).catch((error: CodedError) => {
        if (error.code === 'NotEnough') refused++;
      });
    }
    expect(refused).toBeLessThanOrEqual(11);
  });

  it('cuts a refusal short that is too long to be remembered', async () => {
    const site = newSite();
    const replica = await site.start({ machine: new VerboseMachine() });
    const key = newKey();
    const first = await replica.execute(change('ann', 1, key)).catch((error: unknown) => error);
    expect(first).toMatchObject({ code: 'NotEnough', message: 'x'.repeat(1000), details: {} });
    const again = await replica.execute(change('ann', 1, key)).catch((error: unknown) => error);
    expect(again).toMatchObject({ code: 'NotEnough', message: 'x'.repeat(1000), details: {} });
    expect(site.fatal).toEqual([]);
  });

  it('refuses the first time in the very words of every repetition', async () => {
    const replica = await newSite().start({ machine: new SloppyMachine() });
    const key = newKey();
    const details: unknown[] = [];
    for (let i = 0; i < 2; i++) {
      await replica.execute(change('ann', 1, key)).catch((error: CodedError) => details.push(error.details));
    }
    expect(details[0]).toStrictEqual(details[1]);
  });

  it('releases a snapshot whose chunks nobody began to read', async () => {
    const site = newSite();
    let source: SnapshotSource | undefined;
    let open = 0;
    const replica = await site.start({
      store: site.storeWith((store) => ({
        snapshot: async () => {
          const snapshot = await store.snapshot();
          open++;
          return { ...snapshot, release: async () => void open-- };
        },
      })),
      log: async ({ snapshots }) => {
        source = snapshots;
        return soloLog({ member: 'a', disk: site.disk.mount(), wal: { directory: '/data/log' } })();
      },
    });
    await replica.execute({ payload: toyCommand({ name: 'ann', amount: 1 }) });
    open = 0;
    const unread = await (source as SnapshotSource).snapshot(0);
    expect(open).toBe(1);
    await unread.chunks[Symbol.asyncIterator]().return?.();
    expect(open).toBe(0);
    const broken = await (source as SnapshotSource).snapshot(0);
    for await (const chunk of broken.chunks) if (chunk.length > 0) break;
    expect(open).toBe(0);
  });
});
