import { crc32 } from '@everopen/core';
import { invalid } from '../validation/invalid.ts';
import type { SearchPlan } from './search-plan.ts';

/**
 * Where a page ended: the sort key of the last item handed out or looked at. `major` is the number of
 * matches or the price (0 where ids alone decide).
 */
export interface SearchPoint {
  readonly major: number;
  readonly itemId: number;
}

const VERSION = 1;

/*
 * A cursor, in base64url:
 *
 *     u8 version   f64 major   f64 item id   u32 checksum of these and of the search they belong to
 */
const BYTES = 1 + 8 + 8 + 4;

export function writeCursor(plan: SearchPlan, point: SearchPoint): string {
  const bytes = Buffer.alloc(BYTES);
  bytes.writeUInt8(VERSION, 0);
  bytes.writeDoubleLE(point.major, 1);
  bytes.writeDoubleLE(point.itemId, 9);
  bytes.writeUInt32LE(checksum(plan, bytes), 17);
  return bytes.toString('base64url');
}

/** The point of a cursor that this search gave; undefined for the empty one, `InvalidArgument` for any other. */
export function readCursor(plan: SearchPlan, cursor: string): SearchPoint | undefined {
  if (cursor === '') return undefined;
  const bytes = Buffer.from(cursor, 'base64url');
  if (bytes.length !== BYTES || bytes.toString('base64url') !== cursor) throw foreign();
  if (bytes.readUInt8(0) !== VERSION || bytes.readUInt32LE(17) !== checksum(plan, bytes)) throw foreign();
  const point = { major: bytes.readDoubleLE(1), itemId: bytes.readDoubleLE(9) };
  const isPoint = [point.major, point.itemId].every((part) => Number.isSafeInteger(part) && part >= 0);
  if (!isPoint) throw foreign();
  return point;
}

/** Over everything that decides which items come and in which order; the size of the page may change. */
function checksum(plan: SearchPlan, bytes: Uint8Array): number {
  const { category, keywords, prefixes, minPriceMinor, maxPriceMinor, condition, order } = plan;
  const search = JSON.stringify([
    category ?? -1,
    keywords,
    prefixes,
    minPriceMinor,
    maxPriceMinor,
    condition ?? 0,
    order,
  ]);
  return crc32(Buffer.concat([bytes.subarray(0, BYTES - 4), Buffer.from(search)]));
}

function foreign(): Error {
  return invalid('cursor', 'is not one that this search has given');
}
