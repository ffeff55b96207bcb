import { CodedError } from '@everopen/core';
import { KEY_AGE_MAX_MS } from '@everopen/replica';
import { invalid } from '../validation/invalid.ts';

/**
 * An order key is good for a day of log time, as every idempotency key: so orders need to be known by their
 * key for a day, and a tombstone refuses for ever by refusing for a day.
 */
export const ORDER_KEY_MAX_AGE_MS: number = KEY_AGE_MAX_MS;

/**
 * How far ahead of log time a key may be: without a limit a forged key would be kept for ever. Generous,
 * because log time may lag while few members report their clocks, and an order should not fail for that.
 */
export const ORDER_KEY_MAX_AHEAD_MS = 24 * 60 * 60_000;

export function isExpired(orderKey: string, nowMs: number): boolean {
  return keyUnixMs(orderKey) + ORDER_KEY_MAX_AGE_MS < nowMs;
}

/** For commands that make the key known: not expired, and not from the future. */
export function checkKeyAge(orderKey: string, nowMs: number): void {
  if (isExpired(orderKey, nowMs)) {
    throw new CodedError('KeyExpired', 'The order key is older than 24 hours', {
      details: { maxAgeMs: ORDER_KEY_MAX_AGE_MS },
    });
  }
  if (keyUnixMs(orderKey) > nowMs + ORDER_KEY_MAX_AHEAD_MS) {
    throw invalid('order_key', 'has a time that is too far in the future');
  }
}

/** The time in a version 7 UUID, which was checked to be one: its first 48 bits. */
function keyUnixMs(orderKey: string): number {
  return Number.parseInt(orderKey.slice(0, 8) + orderKey.slice(9, 13), 16);
}
