import type { Databases } from '@everopen/accounts';
import { Item } from '@everopen/contract/products';
import { CodedError } from '@everopen/core';
import { describe, expect, it } from 'vitest';
import { itemReader } from './item-reader.ts';

type GetItems = Databases['products']['getItems'];

/** A database with items 1 to 1,000 that notes how it is asked. */
function database(answer?: GetItems) {
  const asked: { ids: number[]; readAt: string | undefined }[] = [];
  const getItems: GetItems = async (request, options) => {
    asked.push({ ids: request.itemIds, readAt: options?.readAt });
    if (answer !== undefined) return answer(request, options);
    const items = request.itemIds
      .filter((itemId) => itemId <= 1_000)
      .map((itemId) => Item.create({ itemId }));
    return { response: { items }, position: '1:9' };
  };
  return { asked, reader: itemReader({ getItems }, () => '1:9') };
}
const at = (readAt: string | undefined) => ({ readAt, deadlineMs: 1_000 });

describe('reads of single items', () => {
  it('of one turn go in one call, each id once, at a position that serves them all', async () => {
    const { asked, reader } = database();
    const answers = await Promise.all([7, 8, 7].map((id, i) => reader.read(id, at(`1:${i + 3}`))));
    expect(answers.map(({ response, position }) => [response.itemId, position])).toEqual([
      [7, '1:9'],
      [8, '1:9'],
      [7, '1:9'],
    ]);
    expect(asked).toEqual([{ ids: [7, 8], readAt: '1:9' }]);
  });

  it('are linearizable together if one of them asks for that', async () => {
    const { asked, reader } = database();
    await Promise.all([reader.read(1, at('1:3')), reader.read(2, at(undefined))]);
    expect(asked).toEqual([{ ids: [1, 2], readAt: undefined }]);
  });

  it('M12: refuse an unknown id alone, not the others of its batch', async () => {
    const { reader } = database();
    const [known, unknown] = await Promise.allSettled([
      reader.read(1, at('1:1')),
      reader.read(5_000, at('1:1')),
    ]);
    expect(known.status).toBe('fulfilled');
    expect(unknown).toMatchObject({ status: 'rejected', reason: { code: 'NotFound' } });
  });

  it('all learn of a failure, and the next ones are asked for anew', async () => {
    let fails = true;
    const { reader } = database(async () => {
      if (fails) throw new CodedError('NotReady', 'No majority');
      return { response: { items: [Item.create({ itemId: 1 })] }, position: '1:1' };
    });
    const failed = await Promise.allSettled([reader.read(1, at('1:1')), reader.read(2, at('1:1'))]);
    expect(failed).toMatchObject([{ reason: { code: 'NotReady' } }, { reason: { code: 'NotReady' } }]);
    fails = false;
    expect((await reader.read(1, at('1:1'))).response.itemId).toBe(1);
  });

  it('are bounded: by batches of a hundred, batches under way, and readers that wait', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resume) => (release = resume));
    const { asked, reader } = database(async ({ itemIds }) => {
      await held;
      return { response: { items: itemIds.map((itemId) => Item.create({ itemId })) }, position: '1:1' };
    });
    const reads = Array.from({ length: 900 }, (_, i) => reader.read(i + 1, at('1:1')));
    for (let turn = 0; turn < 20; turn++) await new Promise((resume) => setImmediate(resume));
    expect(asked.map(({ ids }) => ids.length)).toEqual(Array.from({ length: 8 }, () => 100));
    const more = Array.from({ length: 5_000 }, () => reader.read(1, at('1:1')));
    release();
    const results = await Promise.allSettled([...reads, ...more]);
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(100);
    expect(refused[0]).toMatchObject({ reason: { code: 'Overloaded' } });
  });
});
