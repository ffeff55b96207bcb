/**
 * The shortest part of a list that still fails, as delta debugging finds it (ddmin; Zeller and Hildebrandt,
 * 2002): tries to leave out halves, then quarters, and so on down to single entries.
 *
 * @param fails whether the run fails with this part; called at most `maxRuns` times
 * @returns a list that fails; no single entry of it can be left out unless `maxRuns` was reached
 */
export async function shrinkSchedule<T>(
  schedule: readonly T[],
  fails: (part: readonly T[]) => Promise<boolean>,
  maxRuns: number = 500,
): Promise<readonly T[]> {
  let rest = schedule;
  let runs = 0;
  if (rest.length > 0 && maxRuns > 0) {
    runs++;
    if (await fails([])) return [];
  }
  let pieces = 2;
  while (rest.length > 1 && runs < maxRuns) {
    const size = Math.ceil(rest.length / pieces);
    let shorter: readonly T[] | undefined;
    for (let from = 0; from < rest.length && runs < maxRuns; from += size) {
      const without = [...rest.slice(0, from), ...rest.slice(from + size)];
      runs++;
      if (await fails(without)) {
        shorter = without;
        break;
      }
    }
    if (shorter) {
      rest = shorter;
      pieces = Math.max(2, pieces - 1);
    } else if (size === 1) {
      break;
    } else {
      pieces = Math.min(rest.length, pieces * 2);
    }
  }
  return rest;
}
