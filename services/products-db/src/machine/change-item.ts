import type { ItemRow } from '../schema/items.ts';
import { followInSearch } from './follow-in-search.ts';
import type { ProductsState } from './products-state.ts';

/**
 * The one door through which an item changes: the balance of its units is checked, and the search follows.
 * A broken balance is a bug of ours; it throws, and the replica stops rather than sell what is not there.
 */
export function changeItem(state: ProductsState, before: ItemRow | undefined, after: ItemRow): void {
  assertUnits(after);
  state.items.put(after);
  followInSearch(state, before, after);
}

/** Invariant: initial + added = available + reserved + sold + removed, and none of them negative. */
export function assertUnits(item: ItemRow): void {
  const { initial, added, available, reserved, sold, removed } = item;
  const balanced = initial + added === available + reserved + sold + removed;
  if (balanced && available >= 0 && reserved >= 0 && sold >= 0 && removed >= 0) return;
  throw new Error(
    `Item ${item.item_id} is out of balance: ${initial} initial + ${added} added, but ` +
      `${available} available + ${reserved} reserved + ${sold} sold + ${removed} removed`,
  );
}
