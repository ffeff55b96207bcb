import { createHash } from 'node:crypto';
import { SimulatedDisk } from '@everopen/simulation';
import { expect, it } from 'vitest';
import { SnapshotFiles } from './snapshot-files.ts';

const DIRECTORY = 'snapshots';
const STATE = Buffer.from('the whole state');

it('takes the same snapshot from two senders at once', async () => {
  const files = await SnapshotFiles.open(new SimulatedDisk().mount(), DIRECTORY);
  const slow = heldBack();
  const second = files.receive(7, slow.chunks, sha256);
  await files.receive(7, inOneChunk(), sha256);
  expect(await contents(files)).toEqual(STATE);
  slow.goOn();
  await second;
  expect(await contents(files)).toEqual(STATE);
});

it('leaves nothing of a snapshot that did not arrive whole', async () => {
  const disk = new SimulatedDisk().mount();
  const files = await SnapshotFiles.open(disk, DIRECTORY);
  const wrong = files.receive(7, inOneChunk(), () => Buffer.alloc(32));
  await expect(wrong).rejects.toMatchObject({ code: 'Corrupt' });
  expect(await disk.list(DIRECTORY)).toEqual([]);
});

async function contents(files: SnapshotFiles): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of files.read(7)) parts.push(part);
  return Buffer.concat(parts);
}

async function* inOneChunk(): AsyncGenerator<Uint8Array, void, undefined> {
  yield STATE;
}

/** A sender that begins, and sends the rest when it is told to. */
function heldBack(): { chunks: AsyncIterable<Uint8Array>; goOn: () => void } {
  let goOn = (): void => {};
  const told = new Promise<void>((resolve) => (goOn = resolve));
  const chunks = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    yield STATE.subarray(0, 5);
    await told;
    yield STATE.subarray(5);
  };
  return { chunks: chunks(), goOn };
}

function sha256(): Buffer {
  return createHash('sha256').update(STATE).digest();
}
