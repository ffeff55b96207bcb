import { isCodedError } from '@everopen/core';
import { SimulatedClock, SimulatedDisk, World, type Volume } from '@everopen/simulation';
import { describe, expect, it } from 'vitest';
import { openWriteAheadLog, type WalMutations, type WriteAheadLog } from '../src/index.ts';
import { readAll } from './log-model.ts';

const RECORDS = 100;
const SEGMENT_BYTES = 4096;

const text = (n: number): string => `record ${n}`;

function openOn(volume: Volume, mutations: WalMutations = {}): Promise<WriteAheadLog> {
  return openWriteAheadLog(new SimulatedDisk({ volume }).mount(), {
    directory: 'wal',
    segmentBytes: SEGMENT_BYTES,
    clock: new SimulatedClock(new World({ seed: 1 })),
    owner: { name: `boot-${boots++}`, isAlive: () => false },
    mutations,
  });
}
let boots = 0;

/** A log of 100 records in several segments, all of them synced. */
async function closedLog(mutations: WalMutations = {}): Promise<Volume> {
  const disk = new SimulatedDisk();
  const log = await openWriteAheadLog(disk.mount(), {
    directory: 'wal',
    segmentBytes: SEGMENT_BYTES,
    clock: new SimulatedClock(new World({ seed: 1 })),
    mutations,
  });
  for (let n = 1; n <= RECORDS; n++) {
    log.append(Buffer.from(text(n)));
    if (n % 4 === 0) await log.whenDurable(n);
  }
  await log.close();
  return disk.volume.afterPowerFailure(() => 'kept');
}

/** What a damaged log does: gives all its records, some first ones, wrong ones, or refuses. */
async function outcome(
  volume: Volume,
  mutations: WalMutations = {},
): Promise<'all' | 'fewer' | 'wrong' | 'refused'> {
  try {
    const log = await openOn(volume, mutations);
    const found = (await readAll(log)).map(({ payload }) => Buffer.from(payload).toString());
    if (found.some((record, at) => record !== text(log.first + at)) || log.first !== 1) return 'wrong';
    return found.length === RECORDS ? 'all' : 'fewer';
  } catch (error) {
    if (isCodedError(error, 'Corrupt')) return 'refused';
    throw error;
  }
}

/** The same volume with one file changed. */
function damaged(volume: Volume, path: string, damage: (content: Buffer) => Buffer): Volume {
  const copy = volume.clone();
  const file = copy.require(path);
  const content = damage(Buffer.from(file.cache.read(0, file.cache.length)));
  copy.truncate(file, 0);
  copy.write(file, 0, content);
  return copy;
}

describe('R6: a log of 100 acknowledged records', () => {
  it('never loses or changes one because a byte was flipped: it refuses, or the byte did not matter', async () => {
    const volume = await closedLog();
    const counts = { all: 0, refused: 0 };
    for (const path of volume.paths()) {
      const { length } = volume.require(path).cache;
      for (let at = 0; at < length; at += at < 1_600 ? 1 : 13) {
        const flipped = damaged(volume, path, (content) => {
          content[at] = (content[at] as number) ^ (1 << (at % 8));
          return content;
        });
        const result = await outcome(flipped);
        if (result !== 'all' && result !== 'refused')
          throw new Error(`${path}, byte ${at} flipped: ${result}`);
        counts[result]++;
      }
    }
    expect(counts.refused).toBeGreaterThan(4_000);
    expect(counts.all).toBeGreaterThan(0);
  });

  it('refuses when any of its files is cut off at any length, or missing, but for the spare', async () => {
    const volume = await closedLog();
    const paths = volume.paths();
    for (const path of paths) {
      const { length } = volume.require(path).cache;
      for (let to = 0; to < length; to += 61) {
        expect(
          await outcome(damaged(volume, path, (content) => content.subarray(0, to))),
          `${path} to ${to}`,
        ).toBe('refused');
      }
      const without = volume.clone();
      without.remove(path);
      expect(await outcome(without), `${path} removed`).toBe(path === paths.at(-1) ? 'all' : 'refused');
    }
  });

  it('refuses when a sector in the middle reads as zeros, and when two segments are swapped', async () => {
    const volume = await closedLog();
    const [first, second] = volume.paths() as [string, string];
    for (let at = 512; at < 3_072; at += 512) {
      expect(await outcome(damaged(volume, first, (content) => content.fill(0, at, at + 512)))).toBe(
        'refused',
      );
    }
    const swapped = volume.clone();
    swapped.rename(first, 'wal/x');
    swapped.rename(second, first);
    swapped.rename('wal/x', second);
    expect(await outcome(swapped)).toBe('refused');
  });

  it('names file, offset, records and remedy, and changes nothing', async () => {
    const volume = await closedLog();
    const broken = damaged(volume, 'wal/0000000000000001.wal', (content) => content.fill(0xff, 1_024, 1_030));
    const before = broken
      .paths()
      .map((path) => broken.require(path).cache.read(0, SEGMENT_BYTES).toString('hex'));
    const error = await openOn(broken).catch((refusal: unknown) => refusal);
    expect(error).toMatchObject({
      code: 'Corrupt',
      details: { file: 'wal/0000000000000001.wal', offset: 1_024, firstSequence: 5, lastSequence: 8 },
    });
    expect((error as Error).message).toBe(
      'wal/0000000000000001.wal is damaged at offset 1024: records 5 … 8 were stored safely and cannot be read. ' +
        'Nothing was changed. Keep the files; rebuild this replica from its peers, or restore a backup.',
    );
    const after = broken
      .paths()
      .map((path) => broken.require(path).cache.read(0, SEGMENT_BYTES).toString('hex'));
    expect(after).toEqual(before);
  });
});

describe('the checks themselves', () => {
  it('find a log that cuts itself off at damage', async () => {
    const volume = await closedLog();
    const broken = damaged(volume, 'wal/0000000000000001.wal', (content) => content.fill(0xff, 1_024, 1_030));
    expect(await outcome(broken, { truncateAtDamage: true })).toBe('fewer');
  });

  it('find a log that ignores checksums', async () => {
    const volume = await closedLog();
    const broken = damaged(volume, 'wal/0000000000000001.wal', (content) => {
      content.write('RECORD', 512 + 20);
      return content;
    });
    const log = openOn(broken, { ignoreChecksum: true });
    await expect(log).resolves.toBeDefined();
    expect(await outcome(broken)).toBe('refused');
  });

  it('find a log that writes no marker when idle: damage to its last batch looks like a torn write', async () => {
    const lastRecord = async (mutations: WalMutations): Promise<string> => {
      const volume = await closedLog(mutations);
      const path = volume.paths().at(-2) as string;
      const broken = damaged(volume, path, (content) => {
        content[content.indexOf(text(RECORDS))] = 0;
        return content;
      });
      return outcome(broken);
    };
    expect(await lastRecord({})).toBe('refused');
    expect(await lastRecord({ skipIdleMarker: true })).toBe('fewer');
  });
});
