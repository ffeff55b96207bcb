import { CodedError } from '@everopen/core';

/** Times and limits of the protocols. The same on all members. Times are in milliseconds. */
export interface GroupSettings {
  /** A JOIN is repeated so often. */
  readonly joinMs: number;
  /** Who has not agreed for so long is left out of the next ring. */
  readonly consensusMs: number;
  /** Commit tokens and the state of a recovery are repeated so often. */
  readonly formRetransmitMs: number;
  /** So long without a token (or any datagram, with the sequencer), and a member is missing: a new ring is formed. */
  readonly tokenLossMs: number;
  readonly tokenRetransmitMinMs: number;
  readonly tokenRetransmitMaxMs: number;
  /** How long an idle token stays where it is. */
  readonly keepaliveMs: number;
  /** A member that has not received anything for so long, although it speaks, is left out. Longer than the slowest sync. */
  readonly stuckMs: number;
  /** The representative of a ring that is not whole calls the others so often. */
  readonly beaconMs: number;
  /** A member that had to be left out is ignored for so long, twice as long each time. */
  readonly mergeBackoffMinMs: number;
  readonly mergeBackoffMaxMs: number;
  /** After so long without being left out, the back-off begins anew. */
  readonly mergePeaceMs: number;
  /** Datagrams that all members together may send in one rotation. */
  readonly window: number;
  /** Datagrams that one member may send in one visit of the token. */
  readonly maxMessages: number;
  /** Of these, so many may follow the token instead of going before it: the next member begins sooner. */
  readonly afterToken: number;
  /** Messages that are not yet everywhere; beyond it nobody sends. Bounds memory. */
  readonly maxUnstable: number;
  /** Retransmissions that one token can ask for. */
  readonly maxRequests: number;
  /** Payloads are packed into a datagram up to this size; a longer one travels alone. */
  readonly packBytes: number;
  /** Sequencer: a gap may be a datagram on its way for so long. */
  readonly nackDelayMs: number;
  /** Sequencer: how often a member tells its state while something is open. */
  readonly pulseMs: number;
  /** Sequencer: Requests that one Sequence may number. */
  readonly maxNumbered: number;
  /** Ring numbers are reserved on disk in blocks of this size, so that forming a ring does not wait for a sync. */
  readonly reserveBlock: number;
}

export const DEFAULT_GROUP_SETTINGS: GroupSettings = {
  joinMs: 10,
  consensusMs: 80,
  formRetransmitMs: 10,
  tokenLossMs: 250,
  tokenRetransmitMinMs: 2,
  tokenRetransmitMaxMs: 20,
  keepaliveMs: 40,
  stuckMs: 1_500,
  beaconMs: 150,
  mergeBackoffMinMs: 200,
  mergeBackoffMaxMs: 10_000,
  mergePeaceMs: 60_000,
  window: 80,
  maxMessages: 20,
  afterToken: 0,
  maxUnstable: 2_000,
  maxRequests: 100,
  packBytes: 1_400,
  nackDelayMs: 2,
  pulseMs: 10,
  maxNumbered: 64,
  reserveBlock: 1_000,
};

/** Throws `InvalidArgument`, naming the settings, unless they fit each other. */
export function checkSettings(settings: GroupSettings): void {
  for (const [name, value] of Object.entries(settings)) {
    if (!Number.isFinite(value) || value < 0) refuse(`${name} is ${value}`);
  }
  const { joinMs, consensusMs, tokenLossMs, tokenRetransmitMinMs, tokenRetransmitMaxMs, keepaliveMs } =
    settings;
  if (consensusMs < 6 * joinMs) refuse('consensusMs must be at least 6 × joinMs');
  if (tokenRetransmitMaxMs < tokenRetransmitMinMs)
    refuse('tokenRetransmitMaxMs is below tokenRetransmitMinMs');
  if (tokenLossMs < 10 * tokenRetransmitMaxMs)
    refuse('tokenLossMs must be at least 10 × tokenRetransmitMaxMs');
  if (keepaliveMs >= tokenLossMs / 4) refuse('keepaliveMs must be less than a quarter of tokenLossMs');
  if (settings.stuckMs < tokenLossMs) refuse('stuckMs must be at least tokenLossMs');
  if (settings.maxMessages < 1 || settings.afterToken > settings.maxMessages) {
    refuse('maxMessages must be at least 1 and at least afterToken');
  }
}

function refuse(message: string): never {
  throw new CodedError('InvalidArgument', `Group settings: ${message}`);
}
