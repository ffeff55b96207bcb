import { isUtf8 } from 'node:buffer';
import { LIMITS } from '@everopen/contract';
import { CodedError } from '@everopen/core';

/** The value of a JSON text; `undefined` for an empty one. Depth is limited, and no key reaches a prototype. */
export function parseJsonBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw refused('The body is not UTF-8');
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    // The parser's own message repeats what was sent, which may be a password or a card.
    throw refused('The body is not JSON');
  }
  checkTree(value, 1);
  return value;
}

/** Recursion is as deep as the limit at most. */
function checkTree(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > LIMITS.requestDepthMax) {
    throw refused(`The body is nested more than ${LIMITS.requestDepthMax} levels deep`);
  }
  if (Array.isArray(value)) {
    for (const item of value) checkTree(item, depth + 1);
    return;
  }
  for (const [key, child] of Object.entries(value)) {
    if (key === '__proto__') throw refused('The body has a field named __proto__');
    checkTree(child, depth + 1);
  }
}

function refused(message: string): CodedError {
  return new CodedError('InvalidArgument', message, { details: { field: 'body' } });
}
