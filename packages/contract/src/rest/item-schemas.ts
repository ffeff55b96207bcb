import { z } from 'zod';
import { LIMITS } from '../limits/limits.ts';
import {
  amount,
  categoryField,
  currencyField,
  cursorField,
  decimalNumber,
  idField,
  idInPath,
  moment,
  nextCursor,
  pageLimit,
  priceField,
  unitsField,
} from './number-fields.ts';
import { isPrintable, itemNameField, keywordField } from './text-fields.ts';

export const conditionSchema = z.enum(['new', 'used']);
export const itemInPath = z.strictObject({ itemId: idInPath });
export const sellerInPath = z.strictObject({ sellerId: idInPath });

const itemShape = {
  itemId: idField,
  sellerId: idField,
  name: z.string(),
  category: z.int(),
  keywords: z.array(z.string()),
  condition: conditionSchema,
  priceMinor: amount.meta({ description: "In the currency's minor unit" }),
  currency: z.string(),
  available: amount.meta({ description: 'Units for sale: neither reserved nor sold' }),
  thumbsUp: amount,
  thumbsDown: amount,
  listedAt: moment,
};

/** What everybody sees of an item. */
export const itemAnswer = z.object(itemShape).meta({ id: 'Item' });
/** What its seller sees. */
export const sellerItemAnswer = z
  .object({ ...itemShape, reserved: amount, sold: amount })
  .meta({ id: 'SellerItem' });

export const listItemRequest = z
  .strictObject({
    name: itemNameField,
    category: categoryField,
    keywords: z
      .array(keywordField)
      .max(LIMITS.keywordsPerItem, `Must be at most ${LIMITS.keywordsPerItem} keywords`)
      .default([]),
    condition: conditionSchema,
    priceMinor: priceField,
    currency: currencyField.optional().meta({ description: "The shop's own currency if left out" }),
    quantity: unitsField,
  })
  .meta({ id: 'ListItemRequest' });
export const listItemAnswer = z
  .object({
    item: sellerItemAnswer,
    merged: z.boolean().meta({ description: 'True: an equal listing was there, and its quantity grew' }),
  })
  .meta({ id: 'ListItemAnswer' });

export const changePriceRequest = z
  .strictObject({ priceMinor: priceField })
  .meta({ id: 'ChangePriceRequest' });
export const changeUnitsRequest = z
  .strictObject({ add: unitsField.optional(), remove: unitsField.optional() })
  .refine(({ add, remove }) => (add === undefined) !== (remove === undefined), {
    message: 'Must hold either "add" or "remove"',
  })
  .meta({ id: 'ChangeUnitsRequest' });

export const pageQuery = z.strictObject({ limit: pageLimit, cursor: cursorField });
export const sellerItemsAnswer = z
  .object({ items: z.array(sellerItemAnswer), nextCursor })
  .meta({ id: 'SellerItems' });

/** `relevance`: number of matching keywords, then newest. */
export const sortSchema = z.enum(['relevance', 'newest', 'price-ascending', 'price-descending']);

const onePrice = decimalNumber(0, LIMITS.priceMaxMinor).optional();
export const searchQuery = z.strictObject({
  category: decimalNumber(0, LIMITS.categories - 1).optional(),
  keyword: z
    .union([keywordField.transform((keyword) => [keyword]), z.array(keywordField)])
    .refine(
      (keywords) => keywords.length <= LIMITS.searchKeywords,
      `Must be given at most ${LIMITS.searchKeywords} times`,
    )
    .optional(),
  q: z
    .string()
    .refine(
      (text) => text.length <= LIMITS.searchTextMaxChars && isPrintable(text),
      `Must be text of at most ${LIMITS.searchTextMaxChars} characters`,
    )
    .refine(
      (text) => text.split(/\s+/u).filter(Boolean).length <= LIMITS.searchTextWords,
      `Must have at most ${LIMITS.searchTextWords} words`,
    )
    .optional()
    .meta({ description: 'Every word must begin a word of the name' }),
  minPriceMinor: onePrice,
  maxPriceMinor: onePrice,
  condition: conditionSchema.optional(),
  sort: sortSchema.optional(),
  limit: pageLimit,
  cursor: cursorField,
});
export const itemsAnswer = z.object({ items: z.array(itemAnswer), nextCursor }).meta({ id: 'Items' });

export type Condition = z.infer<typeof conditionSchema>;
export type Item = z.infer<typeof itemAnswer>;
export type SellerItem = z.infer<typeof sellerItemAnswer>;
/** As the server sees it; `keywords` may be left out by the client. */
export type ListItem = z.infer<typeof listItemRequest>;
export type ListItemRequest = z.input<typeof listItemRequest>;
export type ListItemAnswer = z.infer<typeof listItemAnswer>;
export type ChangePriceRequest = z.infer<typeof changePriceRequest>;
export type ChangeUnitsRequest = z.infer<typeof changeUnitsRequest>;
export type Page = z.infer<typeof pageQuery>;
export type SellerItems = z.infer<typeof sellerItemsAnswer>;
export type Sort = z.infer<typeof sortSchema>;
export type Search = z.infer<typeof searchQuery>;
export type Items = z.infer<typeof itemsAnswer>;
