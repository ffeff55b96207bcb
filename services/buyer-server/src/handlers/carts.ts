import { asBuffer, type Databases } from '@everopen/accounts';
import { Role, type Cart as CartMessage } from '@everopen/contract/customers';
import type { Item as ItemMessage } from '@everopen/contract/products';
import type { BUYER_ROUTES, Cart } from '@everopen/contract/rest';
import type { RestCall, RestHandlers, TokenClaims } from '@everopen/rest';
import { cartView } from './cart-view.ts';

type AnyCall = Pick<RestCall<(typeof BUYER_ROUTES)['cart']>, 'seen' | 'fresh'> & {
  readonly session: Pick<TokenClaims, 'sessionKey'>;
};

/** The session's cart. It belongs to the account: all sessions of a buyer, on all servers, see the same. */
export function cartHandlers({
  customers,
  products,
}: Databases): Pick<
  RestHandlers<typeof BUYER_ROUTES>,
  'addToCart' | 'cart' | 'clearCart' | 'removeFromCart' | 'setCartLine'
> {
  const sessionKeyOf = (call: AnyCall): Buffer => asBuffer(call.session.sessionKey);
  const sessionOf = (call: AnyCall) => ({ sessionKey: sessionKeyOf(call), role: Role.BUYER });

  /** The cart as it is now. `known`: items that were read a moment ago, for this call. */
  async function show(
    call: AnyCall,
    cart: CartMessage,
    known: readonly ItemMessage[] = [],
  ): Promise<{ status: 200; body: Cart }> {
    const itemIds = cart.lines
      .map(({ itemId }) => itemId)
      .filter((itemId) => known.every((item) => item.itemId !== itemId));
    if (itemIds.length === 0) return { status: 200, body: cartView(cart, known) };
    const { items } = await call.seen('products', products.getItems({ itemIds }, call.fresh()));
    return { status: 200, body: cartView(cart, [...known, ...items]) };
  }

  /** How many units are for sale keeps carts honest, though only the reservation decides. */
  const itemNow = (call: AnyCall, itemId: number): Promise<ItemMessage> =>
    call.seen('products', products.getItem({ itemId }, call.fresh()));

  return {
    cart: async (call) =>
      show(call, await call.seen('customers', customers.getCart(sessionOf(call), call.fresh()))),

    addToCart: async (call) => {
      const { itemId, quantity } = call.body;
      const item = await itemNow(call, itemId);
      const request = { sessionKey: sessionKeyOf(call), itemId, quantity, available: item.available };
      return show(call, await call.seen('customers', customers.addToCart(request, call.once())), [item]);
    },

    setCartLine: async (call) => {
      const { itemId } = call.params;
      const { quantity } = call.body;
      const known = quantity === 0 ? [] : [await itemNow(call, itemId)];
      const available = known[0]?.available ?? 0;
      const request = { sessionKey: sessionKeyOf(call), itemId, quantity, available };
      return show(call, await call.seen('customers', customers.setCartLine(request, call.once())), known);
    },

    removeFromCart: async (call) => {
      const { itemId } = call.params;
      const { quantity } = call.query;
      const line = { sessionKey: sessionKeyOf(call), itemId, available: 0 };
      if (quantity !== undefined) {
        const removal = customers.removeFromCart({ ...line, quantity }, call.once());
        return show(call, await call.seen('customers', removal));
      }
      // Whatever another session does meanwhile: afterwards the line is gone.
      return show(
        call,
        await call.seen('customers', customers.setCartLine({ ...line, quantity: 0 }, call.once())),
      );
    },

    clearCart: async (call) =>
      show(call, await call.seen('customers', customers.clearCart(sessionOf(call), call.once()))),
  };
}
