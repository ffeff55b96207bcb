import { createBuyerClient, createSellerClient } from '@everopen/client';
import { isCurrency } from '@everopen/contract';
import { CommandFailure, EXIT } from '../failure.ts';
import { BUYER_COMMANDS, type BuyerSession } from '../shop/buyer-commands.ts';
import { findServers } from '../shop/find-servers.ts';
import { readScript } from '../shop/read-script.ts';
import { runScripts } from '../shop/run-scripts.ts';
import { SELLER_COMMANDS, type SellerSession } from '../shop/seller-commands.ts';
import type { ShopCommand } from '../shop/shop-command.ts';
import { styleFor } from '../terminal/style.ts';

export const CLIENTS_MAX = 1_000;

export interface ShopFlags {
  readonly data: string;
  readonly script?: string;
  readonly json?: boolean;
  readonly clients?: string;
  readonly server?: string[];
  readonly currency?: string;
}

/** `everopen seller` and `everopen buyer`. */
export async function shop(role: 'seller' | 'buyer', flags: ShopFlags): Promise<number> {
  const count = Number(flags.clients ?? 1);
  if (!Number.isSafeInteger(count) || count < 1 || count > CLIENTS_MAX) {
    throw new CommandFailure(
      EXIT.usage,
      `-n must be from 1 to ${CLIENTS_MAX}, got ${JSON.stringify(flags.clients)}`,
    );
  }
  if (flags.currency !== undefined && !isCurrency(flags.currency)) {
    throw new CommandFailure(
      EXIT.usage,
      `--currency must be an ISO 4217 code, got ${JSON.stringify(flags.currency)}`,
    );
  }
  const { servers, currency } = await findServers(role, flags);
  const many = <Session>(create: () => Session): Session[] => Array.from({ length: count }, create);
  if (role === 'seller') {
    const client = () => createSellerClient({ servers });
    const sessions = many((): SellerSession => ({ client: client(), currency, username: undefined }));
    return serve(role, sessions, SELLER_COMMANDS, flags);
  }
  const client = () => createBuyerClient({ servers });
  const sessions = many((): BuyerSession => ({
    client: client(),
    currency,
    username: undefined,
    cartSeen: undefined,
  }));
  return serve(role, sessions, BUYER_COMMANDS, flags);
}

async function serve<Session extends SellerSession | BuyerSession>(
  role: string,
  sessions: readonly Session[],
  commands: readonly ShopCommand<Session>[],
  flags: ShopFlags,
): Promise<number> {
  const interactive = flags.script === undefined && process.stdin.isTTY && process.stdout.isTTY;
  const style = styleFor(process.stdout, process.env);
  try {
    if (!interactive) {
      return await runScripts({
        sessions,
        commands,
        lines: readScript(flags.script ?? '-'),
        json: flags.json === true,
        style,
        print: (line) => console.log(line),
        printError: (line) => console.error(line),
      });
    }
    const { runInteractively } = await import('../shop/interactive.ts');
    await runInteractively({ role, sessions, commands, style });
    return EXIT.fine;
  } finally {
    await Promise.all(sessions.map(({ client }) => client.close()));
  }
}
