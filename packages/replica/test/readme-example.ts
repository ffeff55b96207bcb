import { cryptoRandom, nodeDisk, uuidV7 } from '@everopen/core';
import {
  openReplica,
  soloLog,
  sqliteStore,
  Tables,
  type StateMachine,
  type TableSchema,
} from '@everopen/replica';

const COUNTERS: TableSchema<{ name: string; value: number }> = {
  name: 'counters',
  comment: 'Named counters',
  columns: { name: { type: 'text', comment: 'name' }, value: { type: 'integer', comment: 'value' } },
  primaryKey: ['name'],
  resident: true,
};

export async function countTo(directory: string, times: number): Promise<number> {
  const tables = new Tables();
  const counters = tables.resident(COUNTERS);
  const machine: StateMachine = {
    name: 'counters',
    tables,
    apply: (payload) => {
      const name = Buffer.from(payload).toString();
      counters.put({ name, value: (counters.get(name)?.value ?? 0) + 1 });
      return new Uint8Array(0);
    },
  };
  const replica = await openReplica({
    identity: { cluster: 'example', epoch: 1, member: 'a', members: ['a'] },
    machine,
    log: soloLog({ member: 'a', disk: nodeDisk, wal: { directory: `${directory}/log` } }),
    store: sqliteStore({ path: `${directory}/store.db` }),
    onFatal: (error) => {
      console.error(error);
      process.exit(1);
    },
  });
  const key = uuidV7(Date.now(), cryptoRandom);
  // The same key each time: it is counted once, however often the caller tries.
  for (let i = 0; i < times; i++) {
    await replica.execute({ payload: Buffer.from('visitors'), once: { key, owner: 'me' } });
  }
  const { value } = await replica.read({ level: 'linearizable' }, () => counters.get('visitors')?.value ?? 0);
  await replica.close();
  return value;
}
