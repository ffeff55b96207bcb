/** The REST interfaces of sellers and buyers: schemas, types, and the tables of routes made of them. */
export { ACCOUNT_ROUTES } from './account-routes.ts';
export { BUYER_ROUTES } from './buyer-routes.ts';
export { SELLER_ROUTES } from './seller-routes.ts';
export type { RouteContract, RouteTable } from './route-contract.ts';
export {
  formatPositions,
  IDEMPOTENCY_KEY_HEADER,
  parsePositions,
  POSITION_HEADER,
  REQUEST_ID_HEADER,
  type Positions,
} from './headers.ts';
export { PROBLEM_CONTENT_TYPE, problemSchema, type Problem } from './problem.ts';
export type {
  Account,
  ChangePasswordAnswer,
  ChangePasswordRequest,
  LogInAnswer,
  LogInRequest,
  RegisterRequest,
  Role,
  Session,
  Sessions,
} from './account-schemas.ts';
export type {
  ChangePriceRequest,
  ChangeUnitsRequest,
  Condition,
  Item,
  Items,
  ListItem,
  ListItemAnswer,
  ListItemRequest,
  Page,
  Search,
  SellerItem,
  SellerItems,
  Sort,
} from './item-schemas.ts';
export type { Feedback, FeedbackRequest, OwnRating, SellerRating } from './rating-schemas.ts';
export type { AddToCartRequest, Cart, CartLine, SetCartLineRequest } from './cart-schemas.ts';
export type {
  Card,
  ExpectedLine,
  Purchase,
  PurchasedLine,
  PurchaseRequest,
  Purchases,
  PurchaseState,
} from './purchase-schemas.ts';
export { CONDITION_NUMBERS, conditionOf, itemOf, sellerItemOf } from './item-views.ts';
