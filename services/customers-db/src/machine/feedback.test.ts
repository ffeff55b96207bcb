import { describe, expect, it } from 'vitest';
import { createCustomersWorld } from '../../test/customers-world.ts';
import { ACKNOWLEDGED_AT_ONCE_MAX } from './machine-limits.ts';
import { listUndeliveredFeedback } from './outbox.ts';
import { getSellerRating } from './seller-ratings.ts';

function worldWithPurchase(items = 3) {
  const world = createCustomersWorld();
  const seller = world.seller('sam');
  const buyer = world.buyer('ada');
  for (let itemId = 1; itemId <= items; itemId++) world.add(buyer, itemId, 2);
  world.record(world.begin(buyer), seller.accountId, 1);
  const feedback = (itemId: number, thumbsUp: boolean) => ({
    sessionKey: buyer.sessionKey,
    itemId,
    thumbsUp,
  });
  return { world, seller, buyer, feedback };
}

describe('feedback', () => {
  it('M18, M19: counts for the seller of a purchased item', () => {
    const { world, seller, feedback } = worldWithPurchase();
    expect(world.answer('giveFeedback', feedback(1, true))).toEqual({ sellerId: seller.accountId });
    world.answer('giveFeedback', feedback(2, false));
    world.answer('giveFeedback', feedback(3, true));
    expect(getSellerRating(world.machine.state, seller.accountId)).toEqual({
      sellerId: seller.accountId,
      thumbsUp: 2,
      thumbsDown: 1,
      itemsSold: 6,
      displayName: 'sam by name',
    });
  });

  it('M18: is given once per purchased item, even if it is bought again', () => {
    const { world, seller, buyer, feedback } = worldWithPurchase();
    world.answer('giveFeedback', feedback(1, true));
    expect(world.refusal('giveFeedback', feedback(1, false)).code).toBe('AlreadyRated');
    world.add(buyer, 1, 1);
    world.record(world.begin(buyer), seller.accountId, 2);
    expect(world.refusal('giveFeedback', feedback(1, true)).code).toBe('AlreadyRated');
    expect(getSellerRating(world.machine.state, seller.accountId)).toMatchObject({
      thumbsUp: 1,
      thumbsDown: 0,
    });
  });

  it('M18: is refused for what was not purchased: in the cart, under way, or by somebody else', () => {
    const { world, feedback, buyer } = worldWithPurchase(1);
    const stranger = world.buyer('bob');
    world.add(buyer, 8, 1);
    expect(world.refusal('giveFeedback', feedback(8, true)).code).toBe('NotPurchased');
    world.begin(buyer);
    expect(world.refusal('giveFeedback', feedback(8, true)).code).toBe('NotPurchased');
    const foreign = { ...feedback(1, true), sessionKey: stranger.sessionKey };
    expect(world.refusal('giveFeedback', foreign).code).toBe('NotPurchased');
    expect(world.refusal('giveFeedback', { ...feedback(0, true) })).toMatchObject({
      code: 'InvalidArgument',
      details: { field: 'item_id' },
    });
  });

  it('M19: a seller without sales has zeros; a buyer or nobody has no seller rating', () => {
    const { world, buyer } = worldWithPurchase();
    const { state } = world.machine;
    const { accountId } = world.seller('new');
    expect(getSellerRating(state, accountId)).toMatchObject({ thumbsUp: 0, thumbsDown: 0, itemsSold: 0 });
    expect(() => getSellerRating(state, buyer.accountId)).toThrow('There is no such seller');
    expect(() => getSellerRating(state, 999)).toThrow('There is no such seller');
  });
});

describe('the outbox', () => {
  it('M18: hands feedback over in the order of its numbers, until that is acknowledged', () => {
    const { world, feedback } = worldWithPurchase();
    const { state } = world.machine;
    world.answer('giveFeedback', feedback(3, true));
    world.answer('giveFeedback', feedback(1, false));
    const all = [
      { feedbackNumber: 1, itemId: 3, thumbsUp: true },
      { feedbackNumber: 2, itemId: 1, thumbsUp: false },
    ];
    expect(listUndeliveredFeedback(state, 100)).toEqual(all);
    expect(listUndeliveredFeedback(state, 1)).toEqual(all.slice(0, 1));
    world.answer('acknowledgeFeedback', { upToFeedbackNumber: 1 });
    expect(listUndeliveredFeedback(state, 100)).toEqual(all.slice(1));
    world.answer('acknowledgeFeedback', { upToFeedbackNumber: 2 });
    expect(listUndeliveredFeedback(state, 100)).toEqual([]);
    expect(world.harness.rows('feedback_outbox')).toEqual([]);
  });

  it('M17: an acknowledgement that comes late or twice changes nothing', () => {
    const { world, feedback } = worldWithPurchase();
    world.answer('giveFeedback', feedback(1, true));
    world.answer('giveFeedback', feedback(2, true));
    world.answer('acknowledgeFeedback', { upToFeedbackNumber: 2 });
    const digest = world.machine.tables.digest();
    world.answer('acknowledgeFeedback', { upToFeedbackNumber: 2 });
    world.answer('acknowledgeFeedback', { upToFeedbackNumber: 1 });
    expect(world.machine.tables.digest()).toBe(digest);
  });

  it('X: what was not given yet cannot be acknowledged', () => {
    const { world } = worldWithPurchase();
    for (const upToFeedbackNumber of [0, 1, Number.MAX_SAFE_INTEGER]) {
      expect(world.refusal('acknowledgeFeedback', { upToFeedbackNumber })).toMatchObject({
        code: 'InvalidArgument',
        details: { field: 'up_to_feedback_number' },
      });
    }
  });

  it('limit: one command acknowledges a bounded number', () => {
    const { world, buyer, seller } = worldWithPurchase(1);
    let itemId = 100;
    while (itemId < 100 + ACKNOWLEDGED_AT_ONCE_MAX + 1) {
      const first = itemId;
      for (; itemId < first + 77 && itemId < 100 + ACKNOWLEDGED_AT_ONCE_MAX + 1; itemId++) {
        world.add(buyer, itemId, 1);
      }
      world.record(world.begin(buyer), seller.accountId, itemId);
    }
    for (let rated = 100; rated < itemId; rated++) {
      world.answer('giveFeedback', { sessionKey: buyer.sessionKey, itemId: rated, thumbsUp: true });
    }
    const tooMany = { upToFeedbackNumber: ACKNOWLEDGED_AT_ONCE_MAX + 1 };
    expect(world.refusal('acknowledgeFeedback', tooMany).code).toBe('InvalidArgument');
    world.answer('acknowledgeFeedback', { upToFeedbackNumber: ACKNOWLEDGED_AT_ONCE_MAX });
    world.answer('acknowledgeFeedback', tooMany);
  });
});
