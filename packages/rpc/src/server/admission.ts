import { timingSafeEqual } from 'node:crypto';
import { CodedError } from '@everopen/core';
import type { Metadata } from '@grpc/grpc-js';

/** Who may call, and how many calls may be in progress, over all ways in. */
export interface Admission {
  /** Throws `Unauthenticated` unless the metadata carry the cluster key. */
  authenticate(metadata: Metadata): void;
  /** Takes a place for one call, or throws `Overloaded`. Gives back how to leave it. */
  enter(): () => void;
}

export function admission(clusterKey: string, maxConcurrentCalls: number): Admission {
  const expected = Buffer.from(`Bearer ${clusterKey}`);
  let running = 0;
  const leave = (): void => {
    running--;
  };
  return {
    authenticate: (metadata) => {
      const given = Buffer.from(String(metadata.get('authorization')[0] ?? ''));
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
        throw new CodedError('Unauthenticated', 'The cluster key is missing or wrong');
      }
    },
    enter: () => {
      if (running >= maxConcurrentCalls) {
        throw new CodedError('Overloaded', `${maxConcurrentCalls} calls are in progress already`, {
          details: { limit: maxConcurrentCalls },
        });
      }
      running++;
      return leave;
    },
  };
}
