import { isCodedError } from '@everopen/core';
import type { DiskFault, DiskOperation } from '@everopen/simulation';
import { expect, it } from 'vitest';
import { checkPoint, record } from './crash-points.ts';
import { everything } from './scripts.ts';

const SEED = 3;
const SCRIPT = everything(16);
const FAULTS: readonly DiskFault[] = [
  { errno: 'EIO' },
  { errno: 'ENOSPC' },
  { errno: 'EROFS' },
  { errno: 'EIO', writtenBytes: 20 },
];

it('R7: whichever call on the disk fails, and however, nothing acknowledged is lost', async () => {
  const { operations } = await record(SCRIPT, SEED);
  let failedRuns = 0;
  let goneOn = 0;
  for (let index = 0; index < operations; index++) {
    const fault = FAULTS[index % FAULTS.length] as DiskFault;
    const inject = (operation: DiskOperation): DiskFault | undefined =>
      operation.index === index ? fault : undefined;
    const { points, failed } = await record(SCRIPT, SEED, {}, inject);
    if (failed === undefined) goneOn++;
    else if (isCodedError(failed, 'DiskFailed') || isCodedError(failed, 'DiskFull')) failedRuns++;
    else throw new Error(`Call ${index} failed with ${fault.errno}: not a clear error`, { cause: failed });
    const end = points.at(-1);
    if (end) await checkPoint(end, index, { randomTears: 1, randomSubsets: 2 });
  }
  expect(failedRuns).toBeGreaterThan(operations / 2);
  expect(goneOn).toBeGreaterThan(0);
});

it('R7: from the first failed call on, every call fails: still nothing acknowledged is lost', async () => {
  const { operations } = await record(SCRIPT, SEED);
  for (let index = 0; index < operations; index += 3) {
    const fault = FAULTS[index % FAULTS.length] as DiskFault;
    const inject = (operation: DiskOperation): DiskFault | undefined =>
      operation.index >= index ? fault : undefined;
    const { points } = await record(SCRIPT, SEED, {}, inject);
    const end = points.at(-1);
    if (end) await checkPoint(end, index, { randomTears: 1, randomSubsets: 1 });
  }
});
