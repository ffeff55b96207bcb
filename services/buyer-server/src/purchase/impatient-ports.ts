import type { Clock } from '@everopen/core';
import type { CallLimit, PurchasePorts } from './ports.ts';
import { within } from './within.ts';

/**
 * The same ports, but no call outlives its limit: a port that never answers, against its contract or because
 * its peer went away, must not hold up a purchase or a sweep.
 */
export function impatientPorts({ customers, products, payment }: PurchasePorts, clock: Clock): PurchasePorts {
  const impatient = <Port extends object>(port: Port): Port =>
    Object.fromEntries(
      Object.entries(port).map(([name, method]) => [
        name,
        (...parameters: [...unknown[], CallLimit]) => {
          const { timeoutMs } = parameters.at(-1) as CallLimit;
          return within(clock, timeoutMs, (method as (...all: unknown[]) => Promise<unknown>)(...parameters));
        },
      ]),
    ) as Port;
  return { customers: impatient(customers), products: impatient(products), payment: impatient(payment) };
}
