import { CodedError, type Logger } from '@everopen/core';

export interface ProductsDbConfig {
  /** This replica, one of `members`. */
  readonly member: string;
  /** All replicas, in the order of the founding record. The engine `solo` has one. */
  readonly members: readonly string[];
  /** Where gRPC listens; port 0 takes any. */
  readonly address: { readonly host: string; readonly port: number };
  /** This replica's own folder: founding record, log, store. */
  readonly dataDirectory: string;
  readonly clusterId: string;
  /** Callers must present it; with the engine `raft`, replicas prove to each other that they know it. */
  readonly clusterKey: string;
  /** Who orders the log: this replica alone, or a majority of several. Never changed once founded. */
  readonly engine: 'solo' | 'raft';
  /** With the engine `raft`: every member, this one included. */
  readonly peers?: readonly ProductsDbPeer[];
  /** `memory` keeps rows in memory only, and replays the whole log at each start. */
  readonly store: 'sqlite' | 'memory';
  /** How much of the log is kept; see `LogRetention`. */
  readonly retention?: LogRetention;
  readonly logger: Logger;
  /** Called once if the replica cannot go on: end the process and start it again. */
  readonly onFatal: (error: Error) => void;
}

/** The shorter the log, the quicker the start; the longer, the rarer a replica that was away needs the whole state. */
export interface LogRetention {
  /** The store is made durable, and the log before that is forgotten, after so many commands. Default 20,000. */
  readonly checkpointCommands?: number;
  /** With the engine `raft`: so many entries are kept nevertheless, for replicas that were away. Default 10,000. */
  readonly trailingEntries?: number;
}

export interface ProductsDbPeer {
  readonly member: string;
  /** Where it listens for the other replicas. */
  readonly host: string;
  readonly port: number;
  /** "host:port" where its gRPC interface is called: told to callers while it leads. */
  readonly service: string;
}

/** As many voters as the log allows; more would only make writes slower. */
export const RAFT_REPLICAS_MAX = 9;

/** Throws `InvalidArgument`, the field named, unless members and peers fit the engine. */
export function checkMembers({ member, members, engine, peers = [] }: ProductsDbConfig): void {
  if (engine === 'solo') {
    if (members.length !== 1 || members[0] !== member) {
      throw invalid('members', 'must be this member alone with the engine solo');
    }
    return;
  }
  if (!members.includes(member)) throw invalid('members', `must include this member, ${member}`);
  if (members.length > RAFT_REPLICAS_MAX) throw invalid('members', `are at most ${RAFT_REPLICAS_MAX}`);
  for (const one of members) {
    if (peers.filter((peer) => peer.member === one).length !== 1) {
      throw invalid('peers', `must have one address of ${one}`);
    }
  }
}

function invalid(field: string, rule: string): CodedError {
  return new CodedError('InvalidArgument', `${field} ${rule}`, { details: { field } });
}
