import { join } from 'node:path';
import { cryptoRandom, type Logger, systemClock } from '@everopen/core';
import { makeDataFolder } from '../cluster/make-data-folder.ts';
import type { SettingSources } from '../configuration/load-settings.ts';
import { controlAddress } from '../control/control-address.ts';
import type { ControlRequest, MarketplaceStatus } from '../control/control-protocol.ts';
import { startControlServer } from '../control/control-server.ts';
import { CommandFailure, EXIT, type ExitCode } from '../failure.ts';
import { LogFile } from '../logs/log-file.ts';
import type { NodeEvent } from '../supervisor/node-life.ts';
import type { NodeStatus } from '../supervisor/node-status.ts';
import { Supervisor } from '../supervisor/supervisor.ts';
import { urlOf } from '../topology/topology.ts';
import { controlAnswers } from './control-answers.ts';
import { type DemoJob, isDemoLoaded, startDemoJob } from './demo-job.ts';
import { nodeCommand } from './node-command.ts';
import { prepareMarketplace } from './prepare-marketplace.ts';
import { stopSwitch } from './stop-switch.ts';
import { waitUntilSelling } from './wait-until-selling.ts';

/** A marketplace that does not sell after this long is stopped again, with the reason. */
const START_TIMEOUT_MS = 60_000;

/** Who watches the marketplace: a terminal, a pipe, or the process that detached this one. */
export interface Watcher {
  founded(clusterId: string): void;
  changed(status: MarketplaceStatus, node: NodeStatus, event: NodeEvent): void;
  selling(status: MarketplaceStatus): void;
  demo(status: MarketplaceStatus): void;
  stopping(): void;
}

export interface MarketplaceOptions {
  readonly dataDirectory: string;
  readonly sources: Omit<SettingSources, 'founded'>;
  readonly logger: Logger;
  /** Where `logger` writes, to be rotated like the components' logs. */
  readonly ownLog?: LogFile | undefined;
  readonly watcher: Watcher;
  /** `polite`: stop in order. `now`: kill everything. */
  readonly onStopRequest: (listener: (how: 'polite' | 'now') => void) => void;
}

/**
 * Runs a whole marketplace until it is asked to stop, by the control socket or by `onStopRequest`. The first
 * run on a data folder founds it. Nothing is started, and nothing written, if the folder is in use, the
 * configuration is wrong, or a port is taken.
 */
export async function runMarketplace(options: MarketplaceOptions): Promise<ExitCode> {
  const { dataDirectory, logger, watcher } = options;
  makeDataFolder(dataDirectory);
  const stop = stopSwitch();
  options.onStopRequest(stop.ask);

  let answer = (_request: ControlRequest): Promise<unknown> =>
    Promise.reject(
      new CommandFailure(EXIT.refused, 'The marketplace is just starting; try again in a moment'),
    );
  const control = await startControlServer(controlAddress(dataDirectory), (request) => answer(request));
  try {
    const { record, settings, nodes, isNew } = await prepareMarketplace(dataDirectory, options.sources);
    if (isNew) watcher.founded(record.clusterId);

    const startedAtMs = systemClock.monotonicMs();
    const logLimits = { bytesMax: settings.logFileBytes, files: settings.logFiles };
    const logDirectory = join(dataDirectory, 'logs');
    let selling = false;
    let demo: DemoJob | undefined;
    const status = (): MarketplaceStatus => ({
      clusterId: record.clusterId,
      dataDirectory,
      supervisorPid: process.pid,
      uptimeMs: Math.round(systemClock.monotonicMs() - startedAtMs),
      supervisorRssBytes: process.memoryUsage.rss(),
      selling,
      currency: settings.currency,
      demo: demo?.state ?? (isDemoLoaded(dataDirectory) ? 'loaded' : 'none'),
      nodes: supervisor.status(),
    });
    const supervisor = new Supervisor({
      nodes,
      commandOf: (node) => nodeCommand(node, nodes, dataDirectory, settings),
      logDirectory,
      logLimits,
      otherLogs: options.ownLog === undefined ? [] : [options.ownLog],
      policy: settings,
      clock: systemClock,
      random: cryptoRandom,
      logger,
      onChange: (node, event) => watcher.changed(status(), node, event),
    });
    answer = controlAnswers(supervisor, status, () => stop.ask('polite'));

    const open = async (): Promise<void> => {
      await supervisor.start();
      const buyerServer = nodes.find(({ kind }) => kind === 'buyer-server');
      if (buyerServer !== undefined) {
        await waitUntilSelling(urlOf(buyerServer.address), START_TIMEOUT_MS, systemClock);
      }
      if (stop.isAsked()) return;
      selling = true;
      if (record.demo && settings.demo && !isDemoLoaded(dataDirectory)) {
        demo = startDemoJob({
          dataDirectory,
          logFile: new LogFile(join(logDirectory, 'demo.log'), logLimits),
          logger,
          nowUnixMs: () => systemClock.unixMs(),
          onEnd: () => watcher.demo(status()),
        });
      }
      watcher.selling(status());
    };
    try {
      await Promise.race([open(), stop.asked, startTimeout(supervisor, () => selling)]);
      await stop.asked;
    } finally {
      watcher.stopping();
      demo?.stop();
      void stop.askedNow.then(() => supervisor.killAll());
      await supervisor.stop();
    }
    return stop.isNow() ? EXIT.interrupted : EXIT.fine;
  } finally {
    await control.close();
  }
}

function startTimeout(supervisor: Supervisor, isSelling: () => boolean): Promise<never> {
  return new Promise((_resolve, reject) => {
    const check = (): void => {
      if (isSelling()) return;
      const late = supervisor.status().filter(({ state }) => state !== 'ready');
      const names = late.map(({ name, state, lastExit }) => `${name} (${lastExit ?? state})`).join(', ');
      const seconds = START_TIMEOUT_MS / 1_000;
      reject(
        new CommandFailure(
          EXIT.refused,
          `Not everything was ready within ${seconds} s: ${names}. See: everopen logs`,
        ),
      );
    };
    systemClock.setTimer(START_TIMEOUT_MS, check, { background: true });
  });
}
