import type { ErrorDetails } from '@everopen/core';

/** Details of an error from their JSON; a peer's text is not trusted, so anything else is no details. */
export function parseDetails(json: string): ErrorDetails {
  try {
    const value: unknown = JSON.parse(json);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as ErrorDetails) : {};
  } catch {
    return {};
  }
}
