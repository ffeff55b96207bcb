import { LIMITS } from '@everopen/contract';
import { CheckoutState, type Checkout, type PurchasedLine } from '@everopen/contract/customers';
import { describe, expect, it } from 'vitest';
import { createCustomersWorld, linesOf, payloadOf } from '../../test/customers-world.ts';
import { getAccount } from './accounts.ts';
import { getSellerRating } from './seller-ratings.ts';

function worldWithCheckout() {
  const world = createCustomersWorld();
  const [sam, sue] = [world.seller('sam'), world.seller('sue')];
  const buyer = world.buyer('ada');
  world.add(buyer, 1, 3);
  world.add(buyer, 2, 4);
  world.add(buyer, 3, 5);
  const checkout = world.begin(buyer);
  const sellers = [sam, sue, sam];
  const lines: PurchasedLine[] = checkout.lines.map((line, i) => ({
    ...line,
    sellerId: (sellers[i] as typeof sam).accountId,
    name: `item ${line.itemId}`,
  }));
  const request = { checkoutKey: checkout.checkoutKey, orderId: 70, lines, paymentReference: 'charge 1' };
  return { world, buyer, sam, sue, checkout, request };
}

describe('recording a purchase', () => {
  it('M20: writes every line with name, price and seller into the history, and ends the checkout', () => {
    const { world, buyer, checkout, request } = worldWithCheckout();
    world.harness.advance(2_000);
    expect(world.answer('recordPurchase', request)).toEqual({
      ...checkout,
      state: CheckoutState.RECORDED,
      orderId: 70,
    } satisfies Checkout);
    expect(world.harness.rows('purchases')).toEqual([
      {
        purchase_number: 1,
        order_id: 70,
        checkout_key: checkout.checkoutKey,
        buyer_id: buyer.accountId,
        begun_at_ms: checkout.begunAtUnixMs,
        recorded_at_ms: world.harness.nowMs,
        payment_reference: 'charge 1',
      },
    ]);
    expect(world.harness.rows('purchase_lines')).toHaveLength(3);
    expect(world.harness.rows('purchase_lines')[1]).toMatchObject({
      item_id: 2,
      quantity: 4,
      name: 'item 2',
    });
    for (const table of ['open_checkouts', 'checkout_lines']) expect(world.harness.rows(table)).toEqual([]);
  });

  it('M10, M14: counts the units for the buyer and for each seller', () => {
    const { world, buyer, sam, sue, request } = worldWithCheckout();
    world.answer('recordPurchase', request);
    const { state } = world.machine;
    expect(getAccount(state, buyer.accountId).itemsBought).toBe(12);
    expect(getSellerRating(state, sam.accountId).itemsSold).toBe(8);
    expect(getSellerRating(state, sue.accountId).itemsSold).toBe(4);
  });

  it('M17: happens once, however often it is asked for', () => {
    const { world, buyer, request } = worldWithCheckout();
    const answer = world.answer('recordPurchase', request);
    const digest = world.machine.tables.digest();
    world.harness.advance(60_000);
    expect(world.answer('recordPurchase', request)).toEqual(answer);
    expect(world.answer('recordPurchase', { ...request, lines: request.lines.toReversed() })).toMatchObject({
      orderId: 70,
    });
    expect(world.machine.tables.digest()).toBe(digest);
    expect(getAccount(world.machine.state, buyer.accountId).itemsBought).toBe(12);
  });

  it('M14: leaves what was put into the cart since', () => {
    const { world, buyer, request } = worldWithCheckout();
    world.add(buyer, 1, 1);
    world.answer('recordPurchase', request);
    expect(world.cart(buyer)).toEqual([{ itemId: 1, quantity: 1 }]);
  });

  it('M17: another order or other lines under a recorded key are KeyReused', () => {
    const { world, request } = worldWithCheckout();
    world.answer('recordPurchase', request);
    expect(world.refusal('recordPurchase', { ...request, orderId: 71 }).code).toBe('KeyReused');
    expect(world.refusal('recordPurchase', { ...request, lines: request.lines.slice(1) }).code).toBe(
      'KeyReused',
    );
  });

  it('M14: lines that are not the checkout are refused, and the checkout stays open', () => {
    const { world, request } = worldWithCheckout();
    const [first, ...others] = request.lines as [PurchasedLine];
    for (const lines of [
      others,
      [{ ...first, quantity: 2 }, ...others],
      [{ ...first, unitPriceMinor: 1 }, ...others],
    ]) {
      expect(world.refusal('recordPurchase', { ...request, lines })).toMatchObject({
        code: 'InvalidArgument',
        details: { field: 'lines' },
      });
    }
    expect(world.answer('recordPurchase', request).state).toBe(CheckoutState.RECORDED);
  });

  it('M14: a checkout that was called off is never recorded', () => {
    const { world, checkout, request } = worldWithCheckout();
    world.answer('abortCheckout', checkout);
    expect(world.refusal('recordPurchase', request).code).toBe('OrderAborted');
    expect(world.harness.rows('purchases')).toEqual([]);
  });

  it('X: an unknown key is NotFound', () => {
    const { world, request } = worldWithCheckout();
    expect(world.refusal('recordPurchase', { ...request, checkoutKey: world.key() }).code).toBe('NotFound');
  });

  it.each([
    ['order_id', { orderId: 0 }],
    ['lines', { lines: [] }],
    ['payment_reference', { paymentReference: '' }],
    ['payment_reference', { paymentReference: 'p'.repeat(129) }],
  ])('X: a bad %s is refused with its name', (field, bad) => {
    const { world, request } = worldWithCheckout();
    expect(world.refusal('recordPurchase', { ...request, ...bad })).toMatchObject({
      code: 'InvalidArgument',
      details: { field },
    });
  });

  it.each([
    ['lines[0].seller_id', { sellerId: 0 }],
    ['lines[0].name', { name: '' }],
    ['lines[0].name', { name: 'n'.repeat(LIMITS.itemNameMaxChars + 1) }],
  ])('X: a bad %s is refused with its name', (field, bad) => {
    const { world, request } = worldWithCheckout();
    const lines = request.lines.map((line, i) => (i === 0 ? { ...line, ...bad } : line));
    expect(world.refusal('recordPurchase', { ...request, lines })).toMatchObject({
      code: 'InvalidArgument',
      details: { field },
    });
  });

  it('limit: the largest purchase fits into one command, with room for its envelope', () => {
    const lines = linesOf(
      Array.from({ length: LIMITS.cartLines }, (_, i) => ({
        itemId: Number.MAX_SAFE_INTEGER - i,
        quantity: LIMITS.unitsPerCartLine,
      })),
    ).map((line) => ({
      ...line,
      unitPriceMinor: LIMITS.priceMaxMinor,
      sellerId: Number.MAX_SAFE_INTEGER,
      name: '🎈'.repeat(LIMITS.itemNameMaxChars),
    }));
    const payload = payloadOf('recordPurchase', {
      checkoutKey: '0190163d-8694-7000-8000-000000000000',
      orderId: Number.MAX_SAFE_INTEGER,
      lines,
      paymentReference: '🎈'.repeat(128),
    });
    expect(payload.length).toBeLessThan(LIMITS.commandMaxBytes - 1024);
  });
});
