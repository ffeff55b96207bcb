import { CodedError, type Clock } from '@everopen/core';

/** The promise's outcome, or `DeadlineExceeded` after `timeoutMs`; what comes later is not listened to. */
export function within<T>(clock: Clock, timeoutMs: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(timeoutMs, () =>
      reject(new CodedError('DeadlineExceeded', `No answer within ${Math.round(timeoutMs)} ms`)),
    );
    promise.then(resolve, reject).finally(() => timer.cancel());
  });
}

export function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => void clock.setTimer(delayMs, resolve));
}
