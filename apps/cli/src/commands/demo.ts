import { createSellerClient } from '@everopen/client';
import { isCurrency } from '@everopen/contract';
import { systemClock } from '@everopen/core';
import { loadDemo } from '../demo/load-demo.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { findServers } from '../shop/find-servers.ts';

/** `everopen demo`. */
export async function demo(flags: { data: string; server?: string[]; currency?: string }): Promise<number> {
  // Started by a supervisor, it ends with it.
  const endWithSupervisor = (): never => process.exit(EXIT.refused);
  process.on('disconnect', endWithSupervisor);
  if (flags.currency !== undefined && !isCurrency(flags.currency)) {
    throw new CommandFailure(
      EXIT.usage,
      `--currency must be an ISO 4217 code, got ${JSON.stringify(flags.currency)}`,
    );
  }
  const { servers, currency } = await findServers('seller', flags);
  const onTerminal = process.stdout.isTTY === true;
  const { listed, kept, total } = await loadDemo({
    currency,
    createClient: () => createSellerClient({ servers }),
    nowUnixMs: () => systemClock.unixMs(),
    onProgress: (progress) => {
      const done = progress.listed + progress.kept;
      if (onTerminal) process.stdout.write(`\rListing ${done} of ${progress.total}`);
    },
  });
  if (onTerminal) process.stdout.write('\r');
  console.log(`Listed ${listed} items; ${kept} of ${total} were there already.`);
  process.off('disconnect', endWithSupervisor);
  if (process.connected) process.disconnect();
  return EXIT.fine;
}
