import { askStatus } from '../control/control-client.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { urlOf } from '../topology/topology.ts';

/** The servers of a role: those that were named, or those of the marketplace on the data folder. */
export async function findServers(
  role: 'seller' | 'buyer',
  flags: { readonly data: string; readonly server?: readonly string[]; readonly currency?: string },
): Promise<{ servers: string[]; currency: string }> {
  if (flags.server !== undefined) {
    const wrong = flags.server.find((url) => !/^https?:\/\/[^/?#]+\/?$/.test(url) || !URL.canParse(url));
    if (wrong !== undefined) {
      throw new CommandFailure(
        EXIT.usage,
        `--server must be a URL such as http://127.0.0.1:8081, got ${JSON.stringify(wrong)}`,
      );
    }
    return { servers: flags.server.map((url) => new URL(url).origin), currency: flags.currency ?? 'EUR' };
  }
  const status = await askStatus(flags.data);
  const servers = status.nodes
    .filter(({ kind }) => kind === `${role}-server`)
    .map(({ address }) => urlOf(address));
  return { servers, currency: flags.currency ?? status.currency };
}
