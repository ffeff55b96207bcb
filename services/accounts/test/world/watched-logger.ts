import { silentLogger, type Logger } from '@everopen/core';

/** A fault of ours in a test is a failed test: errors that a server logs are thrown where they can be seen. */
export function watchedLogger(): Logger & { readonly errors: unknown[] } {
  const errors: unknown[] = [];
  return { ...silentLogger, errors, error: (facts, message) => errors.push([message, facts]) };
}
