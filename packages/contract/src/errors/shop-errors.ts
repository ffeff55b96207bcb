import type { ErrorForm } from '@everopen/core/errors';

/** Errors of the shop. Together with `SYSTEM_ERRORS` they are the one table of `docs/errors.md`. */
export const SHOP_ERRORS: Readonly<Record<ShopErrorCode, ErrorForm>> = {
  UsernameTaken: {
    http: 409,
    grpc: 'ALREADY_EXISTS',
    soap: 'Client',
    retry: 'never',
    title: 'Somebody has this username',
    remedy: 'Choose another username.',
  },
  WrongCredentials: {
    http: 401,
    grpc: 'UNAUTHENTICATED',
    soap: 'Client',
    retry: 'never',
    title: 'Username or password is wrong',
    remedy: 'Check both, and try again.',
  },
  PasswordTooCommon: {
    http: 400,
    grpc: 'INVALID_ARGUMENT',
    soap: 'Client',
    retry: 'never',
    title: 'This password is among those that are guessed first',
    remedy: 'Choose a longer or rarer one.',
  },
  LoginThrottled: {
    http: 429,
    grpc: 'RESOURCE_EXHAUSTED',
    soap: 'Client',
    retry: 'later',
    title: 'Too many failed logins',
    remedy: 'Wait as long as Retry-After says. The account is not locked.',
  },
  NotOwner: {
    http: 403,
    grpc: 'PERMISSION_DENIED',
    soap: 'Client',
    retry: 'never',
    title: 'This item belongs to another seller',
    remedy: 'Change your own items only.',
  },
  NotEnoughUnits: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    soap: 'Client',
    retry: 'never',
    title: 'Fewer units are for sale than were to be removed',
    remedy: 'Remove at most as many as are left; see the details.',
  },
  OutOfStock: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    soap: 'Client',
    retry: 'never',
    title: 'Not enough units are left',
    remedy: 'Lower the quantity to what is left; see the details.',
  },
  PriceChanged: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    soap: 'Client',
    retry: 'never',
    title: 'A price has changed since you saw it',
    remedy: 'Look at the new price in the details, and order again if you still want to.',
  },
  CartChanged: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    soap: 'Client',
    retry: 'never',
    title: 'The cart is not what you were looking at',
    remedy: 'Display the cart again, and order what it holds.',
  },
  CartEmpty: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    soap: 'Client',
    retry: 'never',
    title: 'There is nothing in the cart',
    remedy: 'Add something first.',
  },
  NotInCart: {
    http: 404,
    grpc: 'NOT_FOUND',
    soap: 'Client',
    retry: 'never',
    title: 'This item is not in the cart, or not as many of it',
    remedy: 'Display the cart to see what it holds.',
  },
  MixedCurrencies: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    soap: 'Client',
    retry: 'never',
    title: 'One order cannot mix currencies',
    remedy: 'Order the items of each currency apart.',
  },
  InvalidCard: {
    http: 400,
    grpc: 'INVALID_ARGUMENT',
    soap: 'Client',
    retry: 'never',
    title: 'The card details cannot be right',
    remedy: 'Check number, expiry and security code. Nothing was charged.',
  },
  PaymentDeclined: {
    http: 402,
    grpc: 'FAILED_PRECONDITION',
    soap: 'Client',
    retry: 'never',
    title: 'The card was declined',
    remedy: 'Use another card, with a new idempotency key. Nothing was charged; your cart is as it was.',
  },
  PaymentVoided: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    soap: 'Client',
    retry: 'never',
    title: 'The payment took too long and was called off',
    remedy: 'Order again with a new idempotency key. Nothing was charged; your cart is as it was.',
  },
  PaymentUnavailable: {
    http: 503,
    grpc: 'UNAVAILABLE',
    soap: 'Server',
    retry: 'same-key',
    title: 'The payment service cannot be reached',
    remedy: 'Repeat the purchase with the same idempotency key: you are charged at most once.',
  },
  OrderAborted: {
    http: 409,
    grpc: 'ABORTED',
    soap: 'Client',
    retry: 'never',
    title: 'This order was called off before it was placed',
    remedy: 'Order again with a new idempotency key. Nothing was charged; your cart is as it was.',
  },
  WrongOrderState: {
    http: 409,
    grpc: 'FAILED_PRECONDITION',
    soap: 'Client',
    retry: 'never',
    title: 'The order is in a state that does not allow this step',
    remedy: 'See the state in the details: a paid order is not cancelled, an unpaid one not recorded.',
  },
  NotPurchased: {
    http: 403,
    grpc: 'FAILED_PRECONDITION',
    soap: 'Client',
    retry: 'never',
    title: 'Only buyers of an item can rate it',
    remedy: 'Rate items from your purchase history.',
  },
  AlreadyRated: {
    http: 409,
    grpc: 'ALREADY_EXISTS',
    soap: 'Client',
    retry: 'never',
    title: 'You have rated this item already',
    remedy: 'Nothing to do: each purchased item is rated once.',
  },
};

export type ShopErrorCode =
  | 'UsernameTaken'
  | 'WrongCredentials'
  | 'PasswordTooCommon'
  | 'LoginThrottled'
  | 'NotOwner'
  | 'NotEnoughUnits'
  | 'OutOfStock'
  | 'PriceChanged'
  | 'CartChanged'
  | 'CartEmpty'
  | 'NotInCart'
  | 'MixedCurrencies'
  | 'InvalidCard'
  | 'PaymentDeclined'
  | 'PaymentVoided'
  | 'PaymentUnavailable'
  | 'OrderAborted'
  | 'WrongOrderState'
  | 'NotPurchased'
  | 'AlreadyRated';
