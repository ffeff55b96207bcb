import { systemClock } from '@everopen/core';
import { foundCluster, foundedSettings, readClusterRecord } from '../cluster/cluster-file.ts';
import type { ClusterRecord } from '../cluster/cluster-record.ts';
import { loadSettings, type SettingSources } from '../configuration/load-settings.ts';
import type { Settings } from '../configuration/settings.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { portsInUse } from '../topology/ports-in-use.ts';
import { type PlannedNode, planTopology } from '../topology/topology.ts';

export interface PreparedMarketplace {
  readonly record: ClusterRecord;
  readonly settings: Settings;
  readonly nodes: readonly PlannedNode[];
  /** Founded just now. */
  readonly isNew: boolean;
}

/**
 * Everything that can be wrong before a process is started: record, settings, ports. Only when all of it is
 * right is a new marketplace founded. The caller holds the lock of the data folder.
 */
export async function prepareMarketplace(
  dataDirectory: string,
  sources: Omit<SettingSources, 'founded'>,
): Promise<PreparedMarketplace> {
  const existing = readClusterRecord(dataDirectory);
  const settings = loadSettings({ ...sources, founded: existing && foundedSettings(existing) });
  const nodes = planTopology(settings);
  const taken = await portsInUse(nodes);
  if (taken.length > 0) {
    const list = taken.map((problem) => `  ${problem}`).join('\n');
    const way = 'Nothing was started. Choose other ports with --base-port, or stop the other program.';
    throw new CommandFailure(EXIT.usage, `Cannot listen on:\n${list}\n${way}`);
  }
  const record = existing ?? foundCluster(dataDirectory, settings, systemClock.unixMs());
  return { record, settings, nodes, isNew: existing === undefined };
}
