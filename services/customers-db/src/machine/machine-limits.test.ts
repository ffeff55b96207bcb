import { describe, expect, it } from 'vitest';
import { createCustomersWorld } from '../../test/customers-world.ts';
import type { OutboxRow } from '../schema/feedback-outbox-table.ts';
import type { OpenCheckoutRow } from '../schema/open-checkouts-table.ts';
import { OPEN_CHECKOUTS_MAX, OUTBOX_MAX } from './machine-limits.ts';

describe('limits of the database as a whole', () => {
  it('limit: so much feedback waits and not one more; the feedback can be given later', () => {
    const world = createCustomersWorld();
    const [seller, buyer] = [world.seller('sam'), world.buyer('ada')];
    world.add(buyer, 1, 1);
    world.record(world.begin(buyer), seller.accountId, 1);
    for (let number = 1; number <= OUTBOX_MAX; number++) {
      const row: OutboxRow = { feedback_number: number, item_id: 1, thumbs_up: 1 };
      world.machine.tables.load('feedback_outbox', row);
    }
    const feedback = { sessionKey: buyer.sessionKey, itemId: 1, thumbsUp: true };
    expect(world.refusal('giveFeedback', feedback)).toMatchObject({
      code: 'Overloaded',
      details: { limit: 'outbox', max: OUTBOX_MAX },
    });
    expect(world.machine.state.boughtItems.get(buyer.accountId, 1)?.thumbs_up).toBeNull();
  });

  it('limit: so many checkouts are open and not one more; the cart is kept', () => {
    const world = createCustomersWorld();
    const buyer = world.buyer('ada');
    world.add(buyer, 1, 1);
    for (let i = 0; i < OPEN_CHECKOUTS_MAX; i++) {
      const row: OpenCheckoutRow = {
        checkout_key: `checkout ${i}`,
        buyer_id: 1_000 + i,
        begun_at_ms: 0,
        lines_digest: '',
      };
      world.machine.tables.load('open_checkouts', row);
    }
    expect(() => world.begin(buyer)).toThrow('Too many purchases are under way');
    expect(world.cart(buyer)).toEqual([{ itemId: 1, quantity: 1 }]);
  });
});
