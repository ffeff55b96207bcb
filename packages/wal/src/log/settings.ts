import { CodedError, cryptoRandom, silentLogger, systemClock } from '@everopen/core';
import type { Clock, Logger, Random } from '@everopen/core';
import { BATCH_ALIGNMENT, FRAME_HEADER_BYTES } from '../format/frame.ts';
import { identityHash, SEGMENT_HEADER_BYTES } from '../format/segment-header.ts';
import { processOwner } from '../lock/process-owner.ts';
import type { WalMutations } from '../mutations.ts';
import type { LockOwner, WalOptions } from './write-ahead-log.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const SEGMENT_BYTES = { default: 16 * MIB, min: 4 * KIB, max: 1024 * MIB };
const MAX_RECORD_BYTES_DEFAULT = MIB;
const MAX_BUFFERED_BYTES_DEFAULT = 16 * MIB;
const IDLE_MARKER_MS_DEFAULT = 50;
const FULL_RETRY_MS_DEFAULT = 1_000;
const IDENTITY_CHARACTERS_MAX = 256;

/** The options with their defaults, checked. */
export interface WalSettings {
  readonly directory: string;
  readonly identity: Uint8Array;
  readonly create: boolean;
  readonly segmentBytes: number;
  readonly maxRecordBytes: number;
  readonly maxBufferedBytes: number;
  readonly idleMarkerMs: number;
  readonly fullRetryMs: number;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly owner: LockOwner;
  readonly mutations: WalMutations;
}

export function walSettings(options: WalOptions): WalSettings {
  const { identity = '', segmentBytes = SEGMENT_BYTES.default } = options;
  if (options.directory === '') throw invalid('directory', 'must not be empty');
  if (identity.length > IDENTITY_CHARACTERS_MAX) {
    throw invalid('identity', `is longer than ${IDENTITY_CHARACTERS_MAX} characters`);
  }
  requireWhole('segmentBytes', segmentBytes, SEGMENT_BYTES.min, SEGMENT_BYTES.max);
  const roomForRecord = (segmentBytes - SEGMENT_HEADER_BYTES - BATCH_ALIGNMENT) / 2 - FRAME_HEADER_BYTES;
  const {
    maxRecordBytes = Math.min(MAX_RECORD_BYTES_DEFAULT, Math.floor(roomForRecord)),
    maxBufferedBytes = Math.max(MAX_BUFFERED_BYTES_DEFAULT, 2 * maxRecordBytes),
    idleMarkerMs = IDLE_MARKER_MS_DEFAULT,
    fullRetryMs = FULL_RETRY_MS_DEFAULT,
  } = options;
  requireWhole('maxRecordBytes', maxRecordBytes, 1, Math.floor(roomForRecord));
  requireWhole('maxBufferedBytes', maxBufferedBytes, maxRecordBytes + 2 * FRAME_HEADER_BYTES, 1024 * MIB);
  requireWhole('idleMarkerMs', idleMarkerMs, 1, 3_600_000);
  requireWhole('fullRetryMs', fullRetryMs, 1, 3_600_000);
  return {
    directory: options.directory,
    identity: identityHash(identity),
    create: options.create ?? true,
    segmentBytes,
    maxRecordBytes,
    maxBufferedBytes,
    idleMarkerMs,
    fullRetryMs,
    logger: options.logger ?? silentLogger,
    clock: options.clock ?? systemClock,
    random: options.random ?? cryptoRandom,
    owner: options.owner ?? processOwner,
    mutations: options.mutations ?? {},
  };
}

function requireWhole(field: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw invalid(field, `must be a whole number from ${min} to ${max}, and is ${value}`);
  }
}

function invalid(field: string, what: string): CodedError {
  return new CodedError('InvalidArgument', `${field} ${what}`, { details: { field } });
}
