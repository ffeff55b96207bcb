import { CodedError, isCodedError } from '@everopen/core';
import type { OrderedLog } from '@everopen/replica';

/**
 * The same log, whose `NotReady` says in its details where the leader is called, if one is known: a replica that is cut
 * off from the leader need not be cut off from its callers.
 *
 * @param leaderAddress "host:port" of the leader's gRPC interface; undefined if unknown, or if it is this replica
 */
export function namingLeader(log: OrderedLog, leaderAddress: () => string | undefined): OrderedLog {
  const named = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      const leader = leaderAddress();
      if (!isCodedError(error, 'NotReady') || leader === undefined) throw error;
      throw new CodedError('NotReady', error.message, {
        cause: error,
        details: { ...error.details, leader },
      });
    }
  };
  return {
    submit: (command) => named(log.submit(command)),
    readPoint: () => named(log.readPoint()),
    committed: (after) => log.committed(after),
    trim: (upTo) => log.trim(upTo),
    status: () => log.status(),
    close: () => log.close(),
  };
}
