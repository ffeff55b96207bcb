import type {
  ListItemAnswer,
  ListItemRequest,
  OwnRating,
  SellerItem,
  SellerItems,
} from '@everopen/contract/rest';
import type { CallOptions, ShopClient } from './shop-client.ts';

export interface PageOptions extends CallOptions {
  /** 1–100, 20 if left out. */
  readonly limit?: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
}

/** A seller's view of the shop. */
export interface SellerClient extends ShopClient {
  listItem(item: ListItemRequest, options?: CallOptions): Promise<ListItemAnswer>;
  changePrice(itemId: number, priceMinor: number, options?: CallOptions): Promise<SellerItem>;
  addUnits(itemId: number, quantity: number, options?: CallOptions): Promise<SellerItem>;
  removeUnits(itemId: number, quantity: number, options?: CallOptions): Promise<SellerItem>;
  /** Own items, newest first. */
  items(options?: PageOptions): Promise<SellerItems>;
  rating(options?: CallOptions): Promise<OwnRating>;
}
