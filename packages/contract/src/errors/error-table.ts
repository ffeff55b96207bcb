import { SYSTEM_ERRORS, type ErrorForm, type SystemErrorCode } from '@everopen/core/errors';
import { SHOP_ERRORS, type ShopErrorCode } from './shop-errors.ts';

export type ErrorCode = SystemErrorCode | ShopErrorCode;

/** Every error that any edge of the marketplace can give. `docs/errors.md` is this table; a test compares. */
export const ERROR_TABLE: Readonly<Record<ErrorCode, ErrorForm>> = { ...SYSTEM_ERRORS, ...SHOP_ERRORS };

/** The form of a code; a code that is not in the table is treated as `Internal`. */
export function errorForm(code: string): ErrorForm {
  return Object.hasOwn(ERROR_TABLE, code) ? ERROR_TABLE[code as ErrorCode] : SYSTEM_ERRORS.Internal;
}
