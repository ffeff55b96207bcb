/** Group communication: a Totem membership, a token ring and a rotating sequencer, as pure cores. */
export { Member, type MemberEffect, type MemberOptions } from './member.ts';
export { Group } from './membership/group.ts';
export type { GroupOptions } from './membership/group-state.ts';
export { TokenRing } from './ordering/token-ring/token-ring.ts';
export { RotatingSequencer } from './ordering/sequencer/rotating-sequencer.ts';
export type {
  FinalDeliveries,
  OrderingContext,
  OrderingEngine,
  PayloadSource,
} from './ordering/ordering-engine.ts';
export type { LogRecord, RestoredLog } from './replication/replication.ts';
export type { Position, Run } from './replication/replicated-log.ts';
export type { Ticket } from './replication/submissions.ts';
export { checkSettings, DEFAULT_GROUP_SETTINGS, type GroupSettings } from './model/settings.ts';
export type { GroupMutations } from './model/mutations.ts';
export type { Delivery, Effect, TimerName } from './model/outbox.ts';
export type { MemberId, Processor } from './model/processor.ts';
export { compareRings, FOUNDING_RING, ringName, sameRing, type Ring, type RingId } from './model/ring.ts';
export type { LogEntry } from './model/log-entry.ts';
export type { Item, Message } from './model/item.ts';
export { decodeDatagram, encodeDatagram, type Datagram } from './wire/codec.ts';
export type { Body, BodyOf } from './wire/bodies.ts';
