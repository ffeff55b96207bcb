import { systemClock } from '@everopen/core';
import { foundCluster, readClusterRecord } from '../cluster/cluster-file.ts';
import { loadSettings } from '../configuration/load-settings.ts';
import type { SettingName } from '../configuration/settings.ts';
import { CommandFailure, EXIT } from '../failure.ts';

/** `everopen init`: founds a marketplace without starting it. The first `up` does the same by itself. */
export function init(
  flags: Partial<Record<SettingName, string | boolean>> & { data: string; config?: string },
): number {
  const { data, config, ...settings } = flags;
  if (readClusterRecord(data) !== undefined) {
    throw new CommandFailure(
      EXIT.refused,
      `A marketplace was founded in ${data} already; nothing was changed`,
    );
  }
  const record = foundCluster(
    data,
    loadSettings({ flags: settings, environment: process.env, configFile: config }),
    systemClock.unixMs(),
  );
  console.log(`Founded the marketplace ${record.clusterId} in ${data}`);
  return EXIT.fine;
}
