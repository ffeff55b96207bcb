import { invalid } from './invalid.ts';

/** The value, if it is a whole number from `min` to `max`. */
export function checkInteger(value: number, field: string, min: number, max: number): number {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw invalid(field, `must be a whole number from ${min} to ${max}`, { min, max });
  }
  return value;
}

/** Ids are given out from 1 on. */
export function checkId(value: number, field: string): number {
  return checkInteger(value, field, 1, Number.MAX_SAFE_INTEGER);
}
