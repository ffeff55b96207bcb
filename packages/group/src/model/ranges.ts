/** Both ends belong to it. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A set of whole numbers: ranges in ascending order that neither touch nor overlap. */
export type Ranges = readonly Range[];

export const EMPTY: Ranges = [];

/** 1 … `to`; empty for 0. */
export function upTo(to: number): Ranges {
  return to > 0 ? [{ from: 1, to }] : EMPTY;
}

/** The set of these numbers, in any order, repeated or not. */
export function rangesOf(numbers: Iterable<number>): Ranges {
  const ranges: Range[] = [];
  for (const number of [...numbers].sort((a, b) => a - b)) push(ranges, { from: number, to: number });
  return ranges;
}

export function union(a: Ranges, b: Ranges): Ranges {
  const ranges: Range[] = [];
  for (const range of [...a, ...b].sort((x, y) => x.from - y.from)) push(ranges, range);
  return ranges;
}

/** What is in `a` and not in `b`. */
export function subtract(a: Ranges, b: Ranges): Ranges {
  const rest: Range[] = [];
  let at = 0;
  for (const range of a) {
    let from = range.from;
    while (at < b.length && (b[at] as Range).to < from) at++;
    for (let i = at; i < b.length && (b[i] as Range).from <= range.to; i++) {
      const taken = b[i] as Range;
      if (taken.from > from) rest.push({ from, to: taken.from - 1 });
      from = Math.max(from, taken.to + 1);
    }
    if (from <= range.to) rest.push({ from, to: range.to });
  }
  return rest;
}

export function includes(ranges: Ranges, number: number): boolean {
  return ranges.some(({ from, to }) => from <= number && number <= to);
}

/** The numbers in ascending order, at most `limit` of them. */
export function* numbersOf(ranges: Ranges, limit: number = Infinity): Generator<number> {
  let left = limit;
  for (const { from, to } of ranges) {
    for (let number = from; number <= to; number++) {
      if (left-- <= 0) return;
      yield number;
    }
  }
}

function push(ranges: Range[], next: Range): void {
  const last = ranges.at(-1);
  if (last !== undefined && next.from <= last.to + 1) {
    ranges[ranges.length - 1] = { from: last.from, to: Math.max(last.to, next.to) };
  } else {
    ranges.push(next);
  }
}
