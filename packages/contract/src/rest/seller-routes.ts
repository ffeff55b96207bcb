import {
  changePriceRequest,
  changeUnitsRequest,
  itemInPath,
  listItemAnswer,
  listItemRequest,
  pageQuery,
  sellerItemAnswer,
  sellerItemsAnswer,
} from './item-schemas.ts';
import { ownRatingAnswer } from './rating-schemas.ts';
import type { RouteTable } from './route-contract.ts';

/** The sellers' interface, beside `ACCOUNT_ROUTES`. */
export const SELLER_ROUTES = {
  listItem: {
    method: 'POST',
    path: '/v1/items',
    summary: 'Put an item up for sale; an equal listing grows instead',
    access: 'session',
    key: 'required',
    body: listItemRequest,
    answers: { 201: listItemAnswer },
    errors: ['QuotaExceeded'],
  },
  changePrice: {
    method: 'PATCH',
    path: '/v1/items/:itemId/price',
    summary: "Change an item's price",
    access: 'session',
    key: 'required',
    params: itemInPath,
    body: changePriceRequest,
    answers: { 200: sellerItemAnswer },
    errors: ['NotFound', 'NotOwner'],
  },
  changeUnits: {
    method: 'POST',
    path: '/v1/items/:itemId/units',
    summary: 'Add units to an item, or remove units from sale',
    access: 'session',
    key: 'required',
    params: itemInPath,
    body: changeUnitsRequest,
    answers: { 200: sellerItemAnswer },
    errors: ['NotFound', 'NotOwner', 'NotEnoughUnits', 'QuotaExceeded'],
  },
  ownItems: {
    method: 'GET',
    path: '/v1/items',
    summary: "The seller's own items, newest first, sold-out ones too",
    access: 'session',
    key: 'none',
    query: pageQuery,
    answers: { 200: sellerItemsAnswer },
    errors: [],
  },
  ownRating: {
    method: 'GET',
    path: '/v1/rating',
    summary: "The seller's own rating, items sold and sales",
    access: 'session',
    key: 'none',
    answers: { 200: ownRatingAnswer },
    errors: [],
  },
} as const satisfies RouteTable;
