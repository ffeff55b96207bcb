import type {
  Cart,
  Condition,
  Feedback,
  Item,
  Items,
  Purchase,
  PurchaseRequest,
  Purchases,
  SellerRating,
  Sort,
} from '@everopen/contract/rest';
import type { PageOptions } from './seller-client.ts';
import type { CallOptions, ShopClient } from './shop-client.ts';

/** Everything may be left out: then all items for sale, newest first. */
export interface SearchOptions extends PageOptions {
  readonly category?: number;
  /** At most 5. Items that match any of them are found, those that match more come first. */
  readonly keywords?: readonly string[];
  /** Every word must begin a word of the name. */
  readonly text?: string;
  readonly minPriceMinor?: number;
  readonly maxPriceMinor?: number;
  readonly condition?: Condition;
  readonly sort?: Sort;
}

/** A buyer's view of the shop. */
export interface BuyerClient extends ShopClient {
  search(search?: SearchOptions): Promise<Items>;
  item(itemId: number, options?: CallOptions): Promise<Item>;
  sellerRating(sellerId: number, options?: CallOptions): Promise<SellerRating>;

  cart(options?: CallOptions): Promise<Cart>;
  addToCart(itemId: number, quantity: number, options?: CallOptions): Promise<Cart>;
  /** 0 removes the line. */
  setCartLine(itemId: number, quantity: number, options?: CallOptions): Promise<Cart>;
  /** Without a quantity: the whole line. */
  removeFromCart(itemId: number, quantity?: number, options?: CallOptions): Promise<Cart>;
  clearCart(options?: CallOptions): Promise<Cart>;

  /**
   * Buys what the cart holds; `lines` must be the cart's, with the prices it showed (`linesOf(cart)`).
   * Resolves with state `paid`, or `pending` while payment has not answered: then call again with the same
   * key, or look at `purchaseByKey`. A refusal rejects (`PaymentDeclined`, `PriceChanged`, `OutOfStock` …).
   */
  purchase(request: PurchaseRequest, options?: CallOptions): Promise<Purchase>;
  purchaseByKey(key: string, options?: CallOptions): Promise<Purchase>;
  /** The history, newest first. */
  purchases(options?: PageOptions): Promise<Purchases>;
  giveFeedback(itemId: number, thumbsUp: boolean, options?: CallOptions): Promise<Feedback>;
}
