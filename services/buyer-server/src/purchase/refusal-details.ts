import { ERROR_TABLE, errorForm, LIMITS } from '@everopen/contract';
import type { Refusal } from './purchase-types.ts';

/*
 * A refusal is kept in the products database, with the cancelled order or the tombstone: its code as the
 * reason, the rest as details, which are opaque there:
 *
 *     {"message":"Only this is left: 1 of item 7","details":{"lines":[…]}}
 *
 * in printable ASCII, at most `LIMITS.refusalDetailsMaxBytes`. Empty stands for the code's title and no
 * details. The first refusal kept for a key wins, and whoever answers for the key reads it back, the server
 * that wrote it too: so what does not survive the way there and back is in nobody's answer.
 */

/** What to keep beside the code. A refusal that is too long keeps its message alone, or not even that. */
export function writeRefusalDetails({ code, message, details }: Refusal): string {
  const isBare = Object.keys(details).length === 0;
  if (isBare && message === errorForm(code).title) return '';
  const texts = [asciiJson({ message, details }), asciiJson({ message, details: {} })];
  return texts.find((text) => text.length <= LIMITS.refusalDetailsMaxBytes) ?? '';
}

/**
 * The refusal behind a reason and its details. Details that this version cannot read are as none. A code that
 * it does not know is `OrderAborted`: what every refusal here comes to.
 */
export function readRefusal(reason: string, text: string): Refusal {
  if (!Object.hasOwn(ERROR_TABLE, reason)) return bare('OrderAborted');
  return { ...bare(reason), ...parse(text) };
}

function bare(code: string): Refusal {
  return { code, message: errorForm(code).title, details: {} };
}

function parse(text: string): Pick<Refusal, 'message' | 'details'> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const { message, details } = value;
  return typeof message === 'string' && message !== '' && isObject(details)
    ? { message, details }
    : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asciiJson(value: object): string {
  const escape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replaceAll(/[^\x20-\x7e]/g, escape);
}
