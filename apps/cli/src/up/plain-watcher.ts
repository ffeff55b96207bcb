import type { Watcher } from '../marketplace/run-marketplace.ts';
import type { Style } from '../terminal/style.ts';
import { describeChange } from './describe-change.ts';
import { whatNext } from './what-next.ts';

/** Tells what happens line by line: for pipes and logs. */
export function plainWatcher(print: (line: string) => void, style: Style): Watcher {
  return {
    founded: (clusterId) => print(`founded a new marketplace, ${clusterId}`),
    changed: (_status, node, event) => {
      const line = describeChange(node, event, style);
      if (line !== undefined) print(line);
    },
    selling: (status) => {
      for (const line of whatNext(status, false, style)) print(line);
      if (status.demo === 'loading') print('Loading the demonstration catalogue …');
    },
    demo: ({ demo }) => {
      print(
        demo === 'loaded'
          ? 'The demonstration catalogue is loaded.'
          : 'The demonstration catalogue was not loaded; see: everopen logs demo',
      );
    },
    stopping: () => print('Stopping: servers first, then databases.'),
  };
}
