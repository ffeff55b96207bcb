import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodedError, nodeDisk, silentLogger, type Disk } from '@everopen/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LedgerRequest } from '../ledger/ledger-request.ts';
import { DurableLedger, LEDGER_QUEUE_LIMIT } from './durable-ledger.ts';

let directory: string;
let open: DurableLedger[] = [];
let fatal: CodedError[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'everopen-ledger-'));
  fatal = [];
});
afterEach(async () => {
  await Promise.all(open.map((ledger) => ledger.close()));
  open = [];
  rmSync(directory, { recursive: true, force: true });
});

async function openLedger(options: { disk?: Disk; at?: string } = {}): Promise<DurableLedger> {
  const ledger = await DurableLedger.open(
    { directory: options.at ?? directory, seed: 1, declineShare: 0.1 },
    {
      disk: options.disk ?? nodeDisk,
      unixMs: () => 1_000,
      logger: silentLogger,
      onFatal: (error) => fatal.push(error),
    },
  );
  open.push(ledger);
  return ledger;
}

function charge(key: string, amountMinor = 100): LedgerRequest {
  return { kind: 'charge', key, amountMinor, currency: 'EUR', card: { brand: 'visa', lastFour: '4242' } };
}

/** A disk whose syncs of the log go through `sync`. */
function diskWith(sync: (real: () => Promise<void>) => Promise<void>): Disk {
  return {
    ...nodeDisk,
    open: async (path, options) => {
      const file = await nodeDisk.open(path, options);
      return new Proxy(file, {
        get: (target, name) => {
          if (name === 'sync') return () => sync(() => target.sync());
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      });
    },
  };
}

describe('the durable ledger', () => {
  it('P3: gives the same answers after a restart, declines and voids too', async () => {
    const before = await openLedger();
    const requests: LedgerRequest[] = Array.from({ length: 100 }, (_, n) =>
      n % 10 === 0 ? { kind: 'void', key: `key-${n}` } : charge(`key-${n}`),
    );
    const answers = await Promise.all(requests.map((request) => before.submit(request)));
    expect(new Set(answers.map((answer) => answer.outcome))).toEqual(
      new Set(['charged', 'declined', 'voided']),
    );
    await before.close();

    const after = await openLedger();
    expect(await Promise.all(requests.map((request) => after.submit(request)))).toEqual(answers);
    expect(after.list(0, 1_000)).toEqual(answers);
    expect(after.list(40, 2).map((entry) => entry.number)).toEqual([41, 42]);
  });

  it('P3: 100 concurrent duplicates make one entry', async () => {
    const ledger = await openLedger();
    const answers = await Promise.all(Array.from({ length: 100 }, () => ledger.submit(charge('same'))));
    expect(new Set(answers.map((answer) => answer.reference)).size).toBe(1);
    expect(ledger.list(0, 10)).toHaveLength(1);
  });

  it('refuses a reused key without disturbing the rest of its batch', async () => {
    const ledger = await openLedger();
    const results = await Promise.allSettled([
      ledger.submit(charge('a')),
      ledger.submit(charge('a', 200)),
      ledger.submit(charge('b')),
    ]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { code: 'KeyReused' } });
    expect(ledger.list(0, 10).map((entry) => entry.number)).toEqual([1, 2]);
  });

  it('answers only after the sync, and syncs once for all that waited', async () => {
    const held: (() => void)[] = [];
    let holding = false;
    const disk = diskWith(async (real) => {
      if (holding) await new Promise<void>((resolve) => held.push(resolve));
      await real();
    });
    const ledger = await openLedger({ disk });
    holding = true;
    const answered: string[] = [];
    const submit = (key: string): Promise<void> =>
      ledger.submit(charge(key)).then(() => void answered.push(key));

    const first = submit('a');
    while (held.length < 1) await new Promise((resolve) => setImmediate(resolve));
    const later = [submit('b'), submit('c'), submit('a')];
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(answered).toEqual([]);
    expect(ledger.list(0, 10)).toEqual([]);

    held.shift()?.();
    await first;
    while (held.length < 1) await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toEqual(['a']);
    held.shift()?.();
    await Promise.all(later);
    expect(held).toHaveLength(0);
    holding = false;
  });

  it('a power failure after any sync loses nothing that was answered by then', async () => {
    const copies: { path: string; answered: string[] }[] = [];
    const answered: string[] = [];
    const disk = diskWith(async (real) => {
      await real();
      const path = `${directory}-copy-${copies.length}`;
      cpSync(directory, path, { recursive: true });
      copies.push({ path, answered: [...answered] });
    });
    const ledger = await openLedger({ disk });
    for (let round = 0; round < 20; round++) {
      const keys = [`${round}-a`, `${round}-b`];
      await Promise.all(keys.map((key) => ledger.submit(charge(key))));
      answered.push(...keys);
    }
    // The copy is what a disk would hold if it kept nothing after that sync.
    expect(copies.length).toBeGreaterThan(20);
    for (const [index, copy] of copies.entries()) {
      // What was answered before the next sync rests on this one.
      const promised = copies[index + 1]?.answered ?? answered;
      const survivor = await openLedger({ at: copy.path });
      const kept = survivor.list(0, 1_000).map((entry) => entry.key);
      for (const key of promised) expect(kept).toContain(key);
      await survivor.close();
      rmSync(copy.path, { recursive: true });
    }
  });

  it('a failed sync is fatal: outcome unknown, nothing is acknowledged any more', async () => {
    let failing = false;
    const disk = diskWith(async (real) => {
      if (failing) throw new CodedError('DiskFailed', 'EIO');
      await real();
    });
    const ledger = await openLedger({ disk });
    await ledger.submit(charge('before'));
    failing = true;
    await expect(ledger.submit(charge('during'))).rejects.toMatchObject({ code: 'Unknown' });
    failing = false;
    expect(fatal.map((error) => error.code)).toEqual(['DiskFailed']);
    await expect(ledger.submit(charge('after'))).rejects.toMatchObject({ code: 'DiskFailed' });
    await expect(ledger.submit(charge('before'))).rejects.toMatchObject({ code: 'DiskFailed' });
    expect(() => ledger.list(0, 1)).toThrow(expect.objectContaining({ code: 'DiskFailed' }));
    await ledger.close();

    const restarted = await openLedger();
    const first = await restarted.submit(charge('during'));
    expect(await restarted.submit({ kind: 'void', key: 'during' })).toEqual(first);
  });

  it('a full queue refuses, and what it took is decided', async () => {
    const ledger = await openLedger();
    const taken = Array.from({ length: LEDGER_QUEUE_LIMIT }, (_, n) =>
      ledger.submit(charge(`key-${n % 50}`)),
    );
    await expect(ledger.submit(charge('one too many'))).rejects.toMatchObject({ code: 'Overloaded' });
    expect(await Promise.all(taken)).toHaveLength(LEDGER_QUEUE_LIMIT);
    expect(ledger.list(0, 1_000)).toHaveLength(50);
  });

  it('keeps its log short over thousands of entries', async () => {
    const ledger = await openLedger();
    await Promise.all(Array.from({ length: 5_000 }, (_, n) => ledger.submit(charge(`key-${n}`))));
    const log = await nodeDisk.open(`${directory}/ledger.sqlite-wal`);
    expect(await log.size()).toBeLessThan(10_000_000);
    await log.close();
    expect(ledger.list(4_990, 100)).toHaveLength(10);
  });

  it('closing ends what was taken and refuses the rest', async () => {
    const ledger = await openLedger();
    const taken = ledger.submit(charge('taken'));
    const closing = ledger.close();
    await expect(ledger.submit(charge('late'))).rejects.toMatchObject({ code: 'Closed' });
    expect((await taken).number).toBe(1);
    await closing;
    open = [];
  });

  it('refuses a file that another process has open, that is damaged, or that is something else', async () => {
    await openLedger();
    await expect(openLedger()).rejects.toMatchObject({ code: 'InUse' });
    const other = `${directory}/other`;
    await nodeDisk.makeDirectory(other);
    writeFileSync(`${other}/ledger.sqlite`, 'This is no database. '.repeat(100));
    await expect(openLedger({ at: other })).rejects.toMatchObject({ code: 'Corrupt' });
    const { DatabaseSync } = await import('@photostructure/sqlite');
    const foreign = `${directory}/foreign`;
    await nodeDisk.makeDirectory(foreign);
    const database = new DatabaseSync(`${foreign}/ledger.sqlite`);
    database.exec('CREATE TABLE theirs (a)');
    database.close();
    await expect(openLedger({ at: foreign })).rejects.toMatchObject({ code: 'WrongCluster' });
  });
});
