import type { Clock, Disk, Logger, Random } from '@everopen/core';
import type { WalOptions } from '@everopen/wal';
import type { RaftLimits } from '../core/limits.ts';
import type { MemberId } from '../core/types.ts';

export interface RaftMemberAddress {
  /** 1 or more; never given to another member. */
  readonly id: MemberId;
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export interface RaftLogOptions {
  /** The name of this member, one of `members`. */
  readonly member: string;
  /** Everybody who is or may become a member. */
  readonly members: readonly RaftMemberAddress[];
  /** The names of those who vote in the beginning. The same on every member. Default: all. */
  readonly founders?: readonly string[];
  /** The cluster's name or id, and a secret of at least 16 bytes: who does not have both is not spoken with. */
  readonly cluster: string;
  readonly key: Uint8Array;
  readonly disk: Disk;
  /** A directory of this member's own. */
  readonly directory: string;
  /** Settings of the write-ahead log; `create: false` once the member has been founded. */
  readonly wal?: Partial<Omit<WalOptions, 'directory'>>;
  /** The longest command, bytes. Default 20,000: 16 KiB and an envelope. */
  readonly commandBytesMax?: number;
  /** Commands on their way; more are `Overloaded`, and so are more than 8 MiB of them. Default 10,000. */
  readonly submissionsMax?: number;
  /** How long a command or a read point may take before its caller is told. Default 5,000. */
  readonly waitMsMax?: number;
  /** The core's unit of time. Default 20; an election timeout is 10 to 20 of them. */
  readonly tickMs?: number;
  /** Entries kept behind what is durable, so that a member that was away briefly needs no snapshot. Default 10,000 … */
  readonly trailingEntries?: number;
  /** … as long as they take no more memory than this. Default 16 MiB. */
  readonly trailingBytes?: number;
  readonly limits?: Partial<RaftLimits>;
  /** Called once if this member cannot go on. End the process, and start it again. */
  readonly onFailed?: (error: unknown) => void;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
}
