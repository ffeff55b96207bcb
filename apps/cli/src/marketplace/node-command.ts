import { BIN_PATH } from '../bin-path.ts';
import { environmentVariableOf } from '../configuration/setting-names.ts';
import { SETTING_NAMES, type Settings } from '../configuration/settings.ts';
import type { NodeCommand } from '../supervisor/supervised-node.ts';
import { dialable, formatAddress, paymentUrlOf, type PlannedNode } from '../topology/topology.ts';

/**
 * How the process of one component is started: `everopen node …`, as one could by hand. Keys are on no command
 * line and in no environment, where others could see them: the process reads them from the data folder.
 */
export function nodeCommand(
  node: PlannedNode,
  all: readonly PlannedNode[],
  dataDirectory: string,
  settings: Settings,
): NodeCommand {
  const addresses = (kind: PlannedNode['kind']): string =>
    all
      .filter((other) => other.kind === kind)
      .map(({ address }) => formatAddress(dialable(address)))
      .join(',');
  const peers = all.flatMap(({ kind, peerAddress }) =>
    kind === node.kind && peerAddress !== undefined ? [formatAddress(dialable(peerAddress))] : [],
  );
  const args = [
    BIN_PATH,
    'node',
    node.kind,
    String(node.index),
    `--data=${dataDirectory}`,
    `--address=${formatAddress(node.address)}`,
    `--customers-db=${addresses('customers-db')}`,
    `--products-db=${addresses('products-db')}`,
    `--payment=${paymentUrlOf(all)}`,
    ...(peers.length === 0 ? [] : [`--peers=${peers.join(',')}`]),
  ];
  return {
    file: process.execPath,
    args,
    environment: { ...process.env, ...settingsAsEnvironment(settings) },
  };
}

function settingsAsEnvironment(settings: Settings): Record<string, string | undefined> {
  return Object.fromEntries(
    SETTING_NAMES.map((name) => [environmentVariableOf(name), settings[name]?.toString()]),
  );
}
