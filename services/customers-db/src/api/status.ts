import type { ReplicaStatus } from '@everopen/contract/customers';
import type { Replica } from '@everopen/replica';

/** What this replica says of itself, without asking the others. */
export function replicaStatus(replica: Replica): ReplicaStatus {
  const status = replica.status();
  return {
    member: status.member,
    engine: status.log.engine,
    position: replica.positionToken(status.applied),
    applied: status.applied,
    stored: status.stored,
    digest: status.digest,
    logTimeUnixMs: status.logTimeMs,
    featureLevel: status.featureLevel,
    logStatusJson: JSON.stringify(status.log),
    counts: { ...status.counts },
  };
}
