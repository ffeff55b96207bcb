import type { Replica } from '@everopen/replica';
import type { CallContext } from '@everopen/rpc';
import type { CustomersWorld } from './customers-world.ts';

/** The world as a replica: log time is the harness's, so a day passes in no time. */
export function harnessReplica({ harness }: CustomersWorld): Replica {
  const unused = () => {
    throw new Error('Not in this test');
  };
  return {
    execute: async ({ payload }) => ({ result: harness.answer(payload), position: harness.position }),
    read: async (_consistency, read) => {
      const { position, nowMs } = harness;
      return { value: read({ position, nowMs }), position };
    },
    query: async (_consistency, query, parameters) => ({
      rows: query.reference((table) => harness.rows(table), parameters),
      position: harness.position,
    }),
    positionToken: (position) => `1:${position}`,
    parsePositionToken: unused,
    raiseFeatureLevel: unused,
    checkpoint: unused,
    status: unused,
    close: unused,
  };
}

export function callContext(): CallContext & { readonly positions: string[] } {
  const positions: string[] = [];
  return {
    idempotencyKey: undefined,
    readAt: undefined,
    remainingMs: () => Infinity,
    cancelled: false,
    setPosition: (token) => positions.push(token),
    positions,
  };
}
