import type { Watcher } from '../marketplace/run-marketplace.ts';
import { PLAIN } from '../terminal/style.ts';
import { describeChange } from './describe-change.ts';
import type { DetachedMessage } from './detach.ts';
import type { Logger } from '@everopen/core';

/** Tells the waiting command, while it is there, and the supervisor's log. */
export function detachedWatcher(logger: Logger): Watcher {
  return {
    founded: (clusterId) => tellStarter({ type: 'line', text: `founded a new marketplace, ${clusterId}` }),
    changed: (_status, node, event) => {
      const text = describeChange(node, event, PLAIN);
      if (text === undefined) return;
      logger.info({ component: node.name, event: event.type }, text);
      tellStarter({ type: 'line', text });
    },
    selling: (status) => {
      logger.info({ uptimeMs: status.uptimeMs }, 'The marketplace is open');
      tellStarter({ type: 'selling', status });
    },
    demo: ({ demo }) => logger.info({ demo }, 'The demonstration catalogue'),
    stopping: () => logger.info({}, 'Stopping'),
  };
}

/** Nothing to do when it has gone: it has what it waited for. */
export function tellStarter(message: DetachedMessage): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}
