import { LIMITS } from '@everopen/contract';
import { Role } from '@everopen/contract/customers';
import { describe, expect, it } from 'vitest';
import { createCustomersWorld, PLENTY } from '../../test/customers-world.ts';
import { getCart } from './carts.ts';

function worldWithBuyer() {
  const world = createCustomersWorld();
  const buyer = world.buyer('ada');
  const change = (itemId: number, quantity: number, available = PLENTY) => ({
    sessionKey: buyer.sessionKey,
    itemId,
    quantity,
    available,
  });
  return { world, buyer, change };
}

describe('carts', () => {
  it('M13: adding adds up, and lines stay in the order in which items were first added', () => {
    const { world, buyer } = worldWithBuyer();
    world.add(buyer, 30, 1);
    world.add(buyer, 10, 2);
    world.add(buyer, 20, 3);
    expect(world.add(buyer, 30, 4).lines).toEqual([
      { itemId: 30, quantity: 5 },
      { itemId: 10, quantity: 2 },
      { itemId: 20, quantity: 3 },
    ]);
  });

  it('M13: removing n leaves the rest, removing all removes the line, removing more is refused', () => {
    const { world, buyer, change } = worldWithBuyer();
    world.add(buyer, 1, 5);
    expect(world.answer('removeFromCart', change(1, 2)).lines).toEqual([{ itemId: 1, quantity: 3 }]);
    expect(world.refusal('removeFromCart', change(1, 4))).toMatchObject({
      code: 'NotInCart',
      details: { inCart: 3 },
    });
    expect(world.answer('removeFromCart', change(1, 3)).lines).toEqual([]);
    expect(world.refusal('removeFromCart', change(1, 1)).code).toBe('NotInCart');
  });

  it('M13: set makes it exactly so many, 0 removes the line', () => {
    const { world, buyer, change } = worldWithBuyer();
    world.add(buyer, 1, 5);
    world.add(buyer, 2, 5);
    expect(world.answer('setCartLine', change(1, 9)).lines).toEqual([
      { itemId: 1, quantity: 9 },
      { itemId: 2, quantity: 5 },
    ]);
    expect(world.answer('setCartLine', change(1, 0)).lines).toEqual([{ itemId: 2, quantity: 5 }]);
    expect(world.answer('setCartLine', change(1, 0)).lines).toEqual([{ itemId: 2, quantity: 5 }]);
    expect(world.answer('setCartLine', change(3, 1)).lines.at(-1)).toEqual({ itemId: 3, quantity: 1 });
  });

  it('M13: more in all than the stock is refused with what is left', () => {
    const { world, buyer, change } = worldWithBuyer();
    world.add(buyer, 1, 3);
    expect(world.refusal('addToCart', change(1, 3, 5))).toMatchObject({
      code: 'OutOfStock',
      details: { available: 5, inCart: 3 },
    });
    expect(world.refusal('setCartLine', change(1, 6, 5)).code).toBe('OutOfStock');
    expect(world.refusal('addToCart', change(2, 1, 0)).message).toBe('None is left');
    expect(world.answer('addToCart', change(1, 2, 5)).lines).toEqual([{ itemId: 1, quantity: 5 }]);
  });

  it('M13: a cart belongs to the user: it survives logout, and all sessions share it', () => {
    const { world, buyer } = worldWithBuyer();
    const stranger = world.buyer('bob');
    world.add(buyer, 1, 1);
    world.answer('closeSession', { sessionKey: buyer.sessionKey, role: Role.BUYER });
    const again = world.login(buyer);
    const cartOf = (sessionKey: Buffer) =>
      getCart(world.machine.state, { sessionKey, role: Role.BUYER }, world.harness.nowMs).lines;
    expect(cartOf(again)).toEqual([{ itemId: 1, quantity: 1 }]);
    expect(cartOf(stranger.sessionKey)).toEqual([]);
  });

  it('M13: clear empties this cart and no other', () => {
    const { world, buyer } = worldWithBuyer();
    const stranger = world.buyer('bob');
    for (let itemId = 1; itemId <= 5; itemId++) world.add(buyer, itemId, 1);
    world.add(stranger, 1, 1);
    expect(world.answer('clearCart', { sessionKey: buyer.sessionKey, role: Role.BUYER }).lines).toEqual([]);
    expect(world.cart(buyer)).toEqual([]);
    expect(world.cart(stranger)).toHaveLength(1);
    expect(world.refusal('clearCart', { sessionKey: buyer.sessionKey, role: Role.SELLER })).toMatchObject({
      code: 'InvalidArgument',
      details: { field: 'role' },
    });
  });

  it('limit: so many units of an item and not one more', () => {
    const { world, buyer, change } = worldWithBuyer();
    world.add(buyer, 1, LIMITS.unitsPerCartLine);
    expect(world.refusal('addToCart', change(1, 1))).toMatchObject({
      code: 'QuotaExceeded',
      details: { limit: 'unitsPerCartLine', max: LIMITS.unitsPerCartLine },
    });
  });

  it('limit: so many lines and not one more; a line that is there can still grow', () => {
    const { world, buyer, change } = worldWithBuyer();
    for (let itemId = 1; itemId <= LIMITS.cartLines; itemId++) world.add(buyer, itemId, 1);
    expect(world.refusal('addToCart', change(999, 1))).toMatchObject({
      code: 'QuotaExceeded',
      details: { limit: 'cartLines', max: LIMITS.cartLines },
    });
    expect(world.refusal('setCartLine', change(999, 1)).code).toBe('QuotaExceeded');
    expect(world.add(buyer, 1, 1).lines[0]).toEqual({ itemId: 1, quantity: 2 });
  });

  it.each([
    ['item_id', { itemId: 0 }],
    ['quantity', { quantity: 0 }],
    ['quantity', { quantity: LIMITS.unitsPerCartLine + 1 }],
    ['session_key', { sessionKey: Buffer.alloc(31) }],
  ])('X: a bad %s is refused with its name', (field, bad) => {
    const { world, change } = worldWithBuyer();
    expect(world.refusal('addToCart', { ...change(1, 1), ...bad })).toMatchObject({
      code: 'InvalidArgument',
      details: { field },
    });
  });
});
