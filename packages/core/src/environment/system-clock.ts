import { performance } from 'node:perf_hooks';
import type { Clock } from './clock.ts';

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  unixMs: () => Date.now(),
  setTimer: (delayMs, callback, options) => {
    const timer = setTimeout(callback, delayMs);
    if (options?.background === true) timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
