import type { Cart as CartMessage } from '@everopen/contract/customers';
import type { Item as ItemMessage } from '@everopen/contract/products';
import { conditionOf, type Cart, type CartLine } from '@everopen/contract/rest';
import { CodedError } from '@everopen/core';

/** A cart with the names, prices and stock of now. `NotFound` if an item of it is unknown (a restored backup). */
export function cartView({ lines }: CartMessage, items: readonly ItemMessage[]): Cart {
  const byId = new Map(items.map((item) => [item.itemId, item]));
  const views = lines.map(({ itemId, quantity }): CartLine => {
    const item = byId.get(itemId);
    if (item === undefined) {
      throw new CodedError('NotFound', `Item ${itemId} of the cart is gone: remove it from the cart`, {
        details: { field: 'itemId', itemId },
      });
    }
    return {
      itemId,
      sellerId: item.sellerId,
      name: item.name,
      condition: conditionOf(item.condition),
      quantity,
      unitPriceMinor: item.priceMinor,
      currency: item.currency,
      lineTotalMinor: item.priceMinor * quantity,
      available: item.available,
    };
  });
  const totals = totalsOf(views);
  return {
    lines: views,
    totals,
    orderable: totals.length === 1 && views.every(({ quantity, available }) => quantity <= available),
  };
}

function totalsOf(lines: readonly CartLine[]): Cart['totals'] {
  const totals = new Map<string, number>();
  for (const { currency, lineTotalMinor } of lines) {
    totals.set(currency, (totals.get(currency) ?? 0) + lineTotalMinor);
  }
  return [...totals].map(([currency, totalMinor]) => ({ currency, totalMinor }));
}
