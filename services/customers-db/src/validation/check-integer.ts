import { invalidArgument } from './invalid-argument.ts';

/** A whole number from `min` to `max`, both included. */
export function checkInteger(field: string, value: number, min: number, max: number): void {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw invalidArgument(field, `must be a whole number from ${min} to ${max}`);
  }
}

/** An id that a database gave: 1, 2, 3 … */
export function checkId(field: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw invalidArgument(field, 'must be a whole number of at least 1');
  }
}
