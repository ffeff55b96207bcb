import type { OrderedLog } from '@everopen/replica';
import { describeOrderedLogCompliance } from '@everopen/replica/testing';
import { TestCluster } from './test-cluster.ts';

const COMMAND_BYTES_MAX = 20_000;

for (const role of ['leader', 'follower'] as const) {
  describeOrderedLogCompliance(`Raft (used at a ${role})`, async () => {
    const cluster = await TestCluster.create({ members: 3 });
    await cluster.startAll();
    const leader = await cluster.leader();
    const name = role === 'leader' ? leader : (cluster.names.find((one) => one !== leader) as string);
    const log: OrderedLog = cluster.log(name);
    return {
      log,
      restart: async () => {
        await cluster.stop(name);
        const restarted = await cluster.start(name);
        await cluster.leader();
        return restarted;
      },
      commandBytesMax: COMMAND_BYTES_MAX,
      dispose: () => cluster.dispose(),
    };
  });
}
