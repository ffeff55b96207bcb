/**
 * Seeded worlds: virtual time, chance, disks and networks that fail on purpose, fault schedules as data,
 * a trace that is the same for the same seed, and the shrinking of what failed.
 */
export { World, type WorldOptions } from './world/world.ts';
export { SimulatedClock } from './world/simulated-clock.ts';
export { randomStream } from './world/random-stream.ts';
export { Trace, type TraceLine } from './trace/trace.ts';
export {
  describeFault,
  scheduleFaults,
  type Fault,
  type FaultSchedule,
  type ScheduledFault,
} from './faults/fault-schedule.ts';
export { drawSwarm, type FaultSource, type SwarmOptions } from './faults/swarm.ts';
export { shrinkSchedule } from './explore/shrink-schedule.ts';
export {
  explore,
  seedsFromEnvironment,
  type Exploration,
  type ExploreOptions,
  type Scenario,
} from './explore/explore.ts';
export {
  SimulatedDisk,
  type DiskFault,
  type DiskOperation,
  type SimulatedDiskOptions,
} from './disk/simulated-disk.ts';
export { SECTOR_BYTES, Volume, type Fate, type Fates, type Unsynced } from './disk/volume.ts';
export { crashCases, type CrashCase, type CrashCaseOptions } from './disk/crash-cases.ts';
export {
  PERFECT_LINK,
  SimulatedNetwork,
  type LinkConditions,
  type NetworkCounts,
} from './network/simulated-network.ts';
