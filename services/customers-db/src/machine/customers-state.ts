import { Role } from '@everopen/contract/customers';
import { Tables, type MemoryIndex, type ResidentTable, type StoredTable } from '@everopen/replica';
import { ACCOUNTS, type AccountRow } from '../schema/accounts-table.ts';
import { BOUGHT_ITEMS, type BoughtItemRow } from '../schema/bought-items-table.ts';
import { CART_LINES, type CartLineRow } from '../schema/cart-lines-table.ts';
import { CHECKOUT_LINES, type CheckoutLineRow } from '../schema/checkout-lines-table.ts';
import { COUNTERS, type CounterRow } from '../schema/counters-table.ts';
import { ENDED_CHECKOUTS, type EndedCheckoutRow } from '../schema/ended-checkouts-table.ts';
import { FEEDBACK_OUTBOX, type OutboxRow } from '../schema/feedback-outbox-table.ts';
import { OPEN_CHECKOUTS, type OpenCheckoutRow } from '../schema/open-checkouts-table.ts';
import { PURCHASE_LINES, type PurchaseLineRow } from '../schema/purchase-lines-table.ts';
import { PURCHASES, type PurchaseRow } from '../schema/purchases-table.ts';
import { SELLER_RATINGS, type SellerRatingRow } from '../schema/seller-ratings-table.ts';
import { SESSIONS, type SessionRow } from '../schema/sessions-table.ts';

/** All that the customers database knows: tables, and the indexes by which decisions find their rows. */
export interface CustomersState {
  readonly tables: Tables;
  readonly accounts: ResidentTable<AccountRow>;
  readonly sellerByUsername: MemoryIndex<AccountRow, string>;
  readonly buyerByUsername: MemoryIndex<AccountRow, string>;
  readonly sessions: ResidentTable<SessionRow>;
  readonly sessionsOfAccount: MemoryIndex<SessionRow, number>;
  readonly sessionByStamp: MemoryIndex<SessionRow, number>;
  readonly cartLines: ResidentTable<CartLineRow>;
  readonly linesOfCart: MemoryIndex<CartLineRow, number>;
  readonly openCheckouts: ResidentTable<OpenCheckoutRow>;
  readonly checkoutsOfBuyer: MemoryIndex<OpenCheckoutRow, number>;
  readonly checkoutLines: ResidentTable<CheckoutLineRow>;
  readonly linesOfCheckout: MemoryIndex<CheckoutLineRow, string>;
  readonly endedCheckouts: ResidentTable<EndedCheckoutRow>;
  readonly endedByNumber: MemoryIndex<EndedCheckoutRow, number>;
  readonly purchases: StoredTable<PurchaseRow>;
  readonly purchaseLines: StoredTable<PurchaseLineRow>;
  readonly boughtItems: ResidentTable<BoughtItemRow>;
  readonly sellerRatings: ResidentTable<SellerRatingRow>;
  readonly outbox: ResidentTable<OutboxRow>;
  readonly counters: ResidentTable<CounterRow>;
}

export function createCustomersState(): CustomersState {
  const tables = new Tables();
  const accounts = tables.resident(ACCOUNTS);
  const sessions = tables.resident(SESSIONS);
  const cartLines = tables.resident(CART_LINES);
  const openCheckouts = tables.resident(OPEN_CHECKOUTS);
  const checkoutLines = tables.resident(CHECKOUT_LINES);
  const endedCheckouts = tables.resident(ENDED_CHECKOUTS);
  // Two indexes by plain username share the row's own text; one by role and username would hold another.
  const byUsername = (role: Role) =>
    tables.index(accounts, (account) => (account.role === role ? account.username : undefined));
  return {
    tables,
    accounts,
    sellerByUsername: byUsername(Role.SELLER),
    buyerByUsername: byUsername(Role.BUYER),
    sessions,
    sessionsOfAccount: tables.index(sessions, (session) => session.account_id),
    sessionByStamp: tables.index(sessions, (session) => session.stamp_number),
    cartLines,
    linesOfCart: tables.index(cartLines, (line) => line.buyer_id),
    openCheckouts,
    checkoutsOfBuyer: tables.index(openCheckouts, (checkout) => checkout.buyer_id),
    checkoutLines,
    linesOfCheckout: tables.index(checkoutLines, (line) => line.checkout_key),
    endedCheckouts,
    endedByNumber: tables.index(endedCheckouts, (checkout) => checkout.ended_number),
    purchases: tables.stored(PURCHASES),
    purchaseLines: tables.stored(PURCHASE_LINES),
    boughtItems: tables.resident(BOUGHT_ITEMS),
    sellerRatings: tables.resident(SELLER_RATINGS),
    outbox: tables.resident(FEEDBACK_OUTBOX),
    counters: tables.resident(COUNTERS),
  };
}
