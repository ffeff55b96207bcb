import { resolve } from 'node:path';
import type { MarketplaceStatus } from '../control/control-protocol.ts';
import type { Style } from '../terminal/style.ts';
import { urlOf } from '../topology/topology.ts';

/** What is printed once the marketplace sells: where it is, and what to try. */
export function whatNext(status: MarketplaceStatus, detached: boolean, style: Style): string[] {
  const urls = (kind: string): string =>
    status.nodes
      .filter((node) => node.kind === kind)
      .map(({ address }) => urlOf(address))
      .join('  ');
  const data = status.dataDirectory === resolve('data') ? '' : ` --data ${quoted(status.dataDirectory)}`;
  const command = (text: string, comment: string): string =>
    `  ${style.bold(`npx everopen ${text}${data}`)}  ${style.dim(`# ${comment}`)}`;
  const buyer = status.nodes.find(({ kind }) => kind === 'buyer-server');
  return [
    style.green(`The marketplace is open, ${seconds(status.uptimeMs)} after its start.`),
    `  buyer servers   ${urls('buyer-server')}`,
    `  seller servers  ${urls('seller-server')}`,
    `  payment         ${urls('payment')}`,
    '',
    'Try:',
    command('buyer', 'shop, in this terminal'),
    command('seller', 'sell something'),
    command('kill buyer-server-0', 'and watch it come back'),
    command('status', 'what runs, and what it weighs'),
    ...(buyer === undefined
      ? []
      : [
          `  ${style.bold(`curl '${urlOf(buyer.address)}/v1/items?limit=3'`)}  ${style.dim('# the REST interface')}`,
        ]),
    detached ? command('down', 'close it') : '  Ctrl-C closes it.',
  ];
}

function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
