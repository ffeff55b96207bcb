/**
 * What every component of the marketplace agrees on: error codes, limits, money; `./customers` and
 * `./products` are generated from `proto/`, `./rest` holds the schemas of the REST interfaces.
 */
export { ERROR_TABLE, errorForm, type ErrorCode } from './errors/error-table.ts';
export { errorDocs } from './errors/error-docs.ts';
export { SHOP_ERRORS, type ShopErrorCode } from './errors/shop-errors.ts';
export { LIMITS } from './limits/limits.ts';
export { CURRENCIES, formatMoney, isCurrency, parseMoney } from './money/currency.ts';
