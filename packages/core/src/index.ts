/**
 * What every other package stands on: errors with codes, bytes, ids, seeded randomness, bounded queues,
 * and the interfaces through which a program touches the world (clock, disk, network).
 * Imports nothing but Node.
 */
export { CodedError, isCodedError, type ErrorDetails } from './errors/coded-error.ts';
export {
  SYSTEM_ERRORS,
  type ErrorForm,
  type GrpcStatusName,
  type SystemErrorCode,
} from './errors/system-errors.ts';
export { ByteReader } from './bytes/byte-reader.ts';
export { ByteWriter } from './bytes/byte-writer.ts';
export { crc32 } from './bytes/crc32.ts';
export { fromHex, toHex } from './bytes/hex.ts';
export { formatUuid, parseUuid, UUID_BYTES } from './ids/uuid.ts';
export { uuidV7, uuidV7UnixMs } from './ids/uuid-v7.ts';
export type { Random } from './random/random.ts';
export { seededRandom } from './random/seeded-random.ts';
export { cryptoRandom } from './random/crypto-random.ts';
export { BoundedQueue } from './queue/bounded-queue.ts';
export type { Clock, Timer } from './environment/clock.ts';
export { systemClock } from './environment/system-clock.ts';
export type { Disk, DiskFile, OpenOptions } from './environment/disk.ts';
export { nodeDisk } from './environment/node-disk.ts';
export type { DatagramAddress, DatagramSocket, Network } from './environment/network.ts';
export type { RunningService } from './environment/running-service.ts';
export { type Logger, silentLogger } from './environment/logger.ts';
