import type { Replica } from '@everopen/replica';

/** The message `ReplicaStatus`, which the proto files of all databases share in shape. */
export interface ReplicaStatusMessage {
  member: string;
  engine: string;
  position: string;
  applied: number;
  stored: number;
  digest: string;
  logTimeUnixMs: number;
  featureLevel: number;
  logStatusJson: string;
  counts: { [table: string]: number };
}

/** What this replica says of itself, without asking the others. */
export function replicaStatusMessage(replica: Replica): ReplicaStatusMessage {
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
