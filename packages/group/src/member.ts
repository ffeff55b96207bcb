import { Group } from './membership/group.ts';
import type { GroupMutations } from './model/mutations.ts';
import type { Delivery, Effect, TimerName } from './model/outbox.ts';
import type { MemberId, Processor } from './model/processor.ts';
import type { Ring } from './model/ring.ts';
import type { GroupSettings } from './model/settings.ts';
import type { OrderingContext, OrderingEngine } from './ordering/ordering-engine.ts';
import { Replication, type ReplicationEffect, type RestoredLog } from './replication/replication.ts';
import type { ReplicatedLog, Position } from './replication/replicated-log.ts';
import type { Ticket } from './replication/submissions.ts';
import type { Body } from './wire/bodies.ts';

/** What the host has to do after a call, in this order. */
export type MemberEffect =
  | Effect
  | Extract<
      ReplicationEffect,
      { kind: 'persist' | 'committed' | 'answered' | 'readable' | 'primary' | 'snapshotNeeded' }
    >;

export interface MemberOptions {
  readonly me: Processor;
  /** All members' ids, mine included. */
  readonly configured: readonly MemberId[];
  readonly reserved: number;
  readonly restored: RestoredLog;
  readonly settings: GroupSettings;
  readonly maxSubmissions: number;
  readonly ordering: (context: OrderingContext) => OrderingEngine;
  readonly mutations?: GroupMutations;
  /** Sees everything that the ring delivers. */
  readonly observe?: (delivery: Delivery) => void;
}

/** A replica of a replicated log, without any input or output: the group, and the replication above it. */
export class Member {
  readonly group: Group;
  private readonly replication: Replication;
  private readonly observe: ((delivery: Delivery) => void) | undefined;
  private effects: MemberEffect[] = [];

  constructor(options: MemberOptions) {
    const { me, settings, ordering, reserved, restored, maxSubmissions, mutations = {} } = options;
    const configured = [...options.configured].sort((a, b) => a - b);
    const half = Math.floor(configured.length / 2);
    const majority = mutations.quorumOfHalf === true ? Math.max(1, half) : half + 1;
    this.observe = options.observe;
    this.replication = new Replication({
      me,
      configured,
      majority,
      restored,
      maxSubmissions,
      mutations,
    });
    this.group = new Group({
      me,
      configured,
      majority,
      reserved,
      settings,
      ordering,
      mutations,
      source: this.replication,
    });
  }

  get log(): ReplicatedLog {
    return this.replication.log;
  }

  get ring(): Ring {
    return this.group.ring;
  }

  get committed(): Position {
    return this.replication.committed;
  }

  get serving(): boolean {
    return this.replication.serving && this.group.operational;
  }

  boot(nowMs: number): void {
    this.group.boot(nowMs);
    this.pump(nowMs);
  }

  receive(nowMs: number, sender: Processor, body: Body): void {
    if (body.type === 'fetch' || body.type === 'entries') this.replication.receiveCatchUp(sender.id, body);
    else this.group.receive(nowMs, sender, body);
    this.pump(nowMs);
  }

  timer(nowMs: number, timer: TimerName): void {
    if (timer === 'fetch') this.replication.fetchTimer();
    else this.group.timer(nowMs, timer);
    this.pump(nowMs);
  }

  submit(nowMs: number, ticket: Ticket, command: Uint8Array): void {
    this.replication.submit(ticket, command);
    this.pump(nowMs);
  }

  read(nowMs: number, ticket: Ticket): void {
    this.replication.read(ticket);
    this.pump(nowMs);
  }

  persisted(nowMs: number, write: number): void {
    this.replication.persisted(write);
    this.pump(nowMs);
  }

  reserved(nowMs: number, upTo: number): void {
    this.group.reserved(nowMs, upTo);
    this.pump(nowMs);
  }

  refused(nowMs: number, id: MemberId): void {
    this.group.refused(nowMs, id);
    this.pump(nowMs);
  }

  leave(nowMs: number): void {
    this.group.leave(nowMs);
    this.pump(nowMs);
  }

  takeEffects(): MemberEffect[] {
    const taken = this.effects;
    this.effects = [];
    return taken;
  }

  status(): Readonly<Record<string, unknown>> {
    return { ...this.group.status(), ...this.replication.status() };
  }

  /** Carries between the ring and the log until neither has anything to say to the other. */
  private pump(nowMs: number): void {
    for (;;) {
      this.effects.push(...this.group.takeEffects());
      const deliveries = this.group.takeDeliveries();
      for (const delivery of deliveries) {
        this.observe?.(delivery);
        this.replication.deliver(delivery);
      }
      const asked = this.replication.takeEffects();
      if (deliveries.length === 0 && asked.length === 0) return;
      for (const effect of asked) this.carry(nowMs, effect);
    }
  }

  private carry(nowMs: number, effect: ReplicationEffect): void {
    switch (effect.kind) {
      case 'durable':
        this.group.durable(nowMs, effect.ring, effect.seq);
        return;
      case 'count':
        this.group.count(nowMs, effect.ring, effect.members);
        return;
      case 'read':
        this.group.read(nowMs, effect.id);
        return;
      case 'submitted':
        this.group.submitted(nowMs);
        return;
      case 'reply':
        this.effects.push({ kind: 'send', to: [effect.to], body: effect.body });
        return;
      case 'fetchTimer':
        this.effects.push({ kind: 'setTimer', timer: 'fetch', delayMs: effect.delayMs });
        return;
      default:
        this.effects.push(effect);
    }
  }
}
