import type { Consistency, Replica } from '@everopen/replica';
import type { CallContext } from '@everopen/rpc';

/** As fresh as the caller's position token asks for; without one, linearizable. */
export function consistencyOf(call: CallContext, replica: Replica): Consistency {
  return call.readAt === undefined ? { level: 'linearizable' } : replica.parsePositionToken(call.readAt);
}
