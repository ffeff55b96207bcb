import type { CustomersState } from './customers-state.ts';

/** Series of numbers; `…Done` is how far the queue of that name was worked off. */
export type CounterName =
  | 'account'
  | 'session'
  | 'sessionStamp'
  | 'sessionStampDone'
  | 'endedCheckout'
  | 'endedCheckoutDone'
  | 'purchase'
  | 'feedback'
  | 'feedbackDone';

/** The last number of the series; 0 before the first. */
export function lastNumber(state: CustomersState, name: CounterName): number {
  return state.counters.get(name)?.value ?? 0;
}

/** The next number of the series: 1, 2, 3 … */
export function nextNumber(state: CustomersState, name: CounterName): number {
  const value = lastNumber(state, name) + 1;
  setNumber(state, name, value);
  return value;
}

export function setNumber(state: CustomersState, name: CounterName, value: number): void {
  state.counters.put({ name, value });
}
