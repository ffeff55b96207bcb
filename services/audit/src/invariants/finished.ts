import { OrderState } from '@everopen/contract/products';
import type { Invariant } from '../books.ts';

const NAME = 'finished';

/** Nothing is left half done. While purchases run some orders are reserved; none stays so. */
export const finishedInvariant: Invariant = {
  name: NAME,
  statement: 'No order stays reserved or unrecorded: whatever a crashed server began, another finishes.',
  check: ({ orders }) =>
    orders
      .filter(({ state }) => state === OrderState.RESERVED || state === OrderState.PAID)
      .map(({ orderId, state }) => ({
        invariant: NAME,
        subject: `order ${orderId}`,
        message: `Order ${orderId} is still ${state === OrderState.RESERVED ? 'reserved' : 'paid but not recorded'}`,
      })),
};
