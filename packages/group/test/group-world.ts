import type { Random, Timer } from '@everopen/core';
import { drawSwarm, scheduleFaults, World, type Fault, type FaultSchedule } from '@everopen/simulation';
import {
  decodeDatagram,
  DEFAULT_GROUP_SETTINGS,
  encodeDatagram,
  FOUNDING_RING,
  Member,
  ringName,
  RotatingSequencer,
  TokenRing,
  type Body,
  type Delivery,
  type GroupMutations,
  type GroupSettings,
  type LogEntry,
  type LogRecord,
  type MemberEffect,
  type MemberId,
  type RestoredLog,
  type TimerName,
} from '../src/index.ts';
import { check, EvsChecker } from './evs-checker.ts';
import { LogChecker } from './log-checker.ts';

export type OrderingName = 'token' | 'sequencer';

export type GroupFault = Fault &
  (
    | { kind: 'partition'; groups: readonly (readonly MemberId[])[] }
    | { kind: 'cut'; from: MemberId; to: MemberId }
    | { kind: 'heal' }
    | { kind: 'kill'; member: MemberId }
    | { kind: 'restart'; member: MemberId }
    | { kind: 'powerFailure' }
    | { kind: 'powerReturns' }
    | { kind: 'pause'; member: MemberId }
    | { kind: 'resume'; member: MemberId }
    | { kind: 'loseDisk'; member: MemberId }
  );

/** What a seed draws before anything happens. */
export interface Weather {
  readonly members: number;
  readonly loss: number;
  readonly duplicate: number;
  readonly spikeMs: number;
  readonly spikeChance: number;
  readonly slowDisk: boolean;
  readonly afterToken: number;
  readonly commandEveryMs: number;
}

export interface GroupWorldOptions {
  readonly seed: number;
  readonly ordering: OrderingName;
  readonly weather: Weather;
  readonly schedule: FaultSchedule<GroupFault>;
  readonly mutations?: GroupMutations;
  /** Faults end here. */
  readonly stormMs: number;
  readonly begin?: (world: World) => void;
}

const CLUSTER = 7;
/** How long after the last fault everything must be whole; back-off after partitions included. */
const HEAL_MS = 4_000;
const MAX_BACKOFF_MS = 800;
const EVENTS_PER_VIRTUAL_MS = 250;
const BUDGET_MS = 100;
/** Every so many datagrams go through the codec. */
const CODEC_EVERY = 16;

interface Disk {
  incarnation: number;
  reserved: number;
  records: LogRecord[];
  founded: boolean;
}

interface Process {
  readonly incarnation: number;
  readonly member: Member;
  readonly timers: Map<TimerName, Timer>;
  readonly writing: { write: number; records: readonly LogRecord[] }[];
  dead: boolean;
  paused: boolean;
  held: (() => void)[];
  readonly asked: Map<number, ReturnType<LogChecker['ask']> & { kind: 'command' | 'read' }>;
}

/** Members of one group in a world: their network, disks and clients, and everything that is checked about them. */
export class GroupWorld {
  readonly world: World;
  readonly evs: EvsChecker;
  readonly log = new LogChecker();
  readonly ids: readonly MemberId[];
  readonly processes = new Map<MemberId, Process>();
  private readonly options: GroupWorldOptions;
  private readonly settings: GroupSettings;
  private readonly disks = new Map<MemberId, Disk>();
  private readonly cuts = new Set<string>();
  private readonly network: Random;
  private readonly clients: Random;
  private calm = false;
  private datagrams = 0;
  private tickets = 0;
  private readonly configurationsMs: number[] = [];
  private clientsStopped = false;

  constructor(options: GroupWorldOptions) {
    this.options = options;
    this.world = new World({ seed: options.seed, maxTraceLines: 2_000 });
    options.begin?.(this.world);
    this.evs = new EvsChecker(options.ordering === 'token');
    this.ids = Array.from({ length: options.weather.members }, (_, i) => i + 1);
    this.network = this.world.random('network');
    this.clients = this.world.random('clients');
    this.settings = {
      ...DEFAULT_GROUP_SETTINGS,
      mergeBackoffMaxMs: MAX_BACKOFF_MS,
      afterToken: options.weather.afterToken,
      maxMessages: 8,
      maxUnstable: 200,
      reserveBlock: 20,
    };
    for (const id of this.ids) {
      this.disks.set(id, { incarnation: 0, reserved: 0, records: [], founded: true });
    }
  }

  /** Storm, then calm, then everything must be whole. */
  async run(): Promise<void> {
    const { world, options } = this;
    for (const id of this.ids) this.start(id);
    scheduleFaults(world, options.schedule, (fault) => this.apply(fault));
    for (const id of this.ids) this.scheduleCommand(id);
    await this.runWithinBudget(options.stormMs);
    this.healAll();
    const whole = await this.until(() => this.isWhole(), HEAL_MS);
    check(whole, 'L1', () => `no ring of all: ${this.describe()}`);
    this.clientsStopped = true;
    const answered = await this.until(() => this.isQuiet(), HEAL_MS);
    check(answered, 'L3', () => `not everything is answered: ${this.describe()}`);
    this.evs.finish();
    this.log.finish([...this.processes.values()].map(({ member }) => member.committed));
    world.trace.note('world', `history ${this.log.history.length}, rings ${this.evs.rings.size}`);
  }

  start(id: MemberId): void {
    const disk = this.disks.get(id) as Disk;
    const incarnation = ++disk.incarnation;
    const me = { id, incarnation };
    const { ordering, mutations = {} } = this.options;
    const process: Process = {
      incarnation,
      member: new Member({
        me,
        configured: this.ids,
        reserved: disk.reserved,
        restored: restore(disk),
        settings: this.settings,
        maxSubmissions: 1_000,
        mutations,
        ordering: (context) => {
          const watched = {
            ...context,
            nextNumber: () => {
              const number = context.nextNumber();
              this.evs.sent(me, context.ring, number);
              return number;
            },
          };
          return ordering === 'token' ? new TokenRing(watched) : new RotatingSequencer(watched);
        },
        observe: (delivery) => this.observe(process, id, delivery),
      }),
      timers: new Map(),
      writing: [],
      dead: false,
      paused: false,
      held: [],
      asked: new Map(),
    };
    this.processes.set(id, process);
    this.world.trace.note(`member ${id}`, `starts for the ${incarnation}. time`);
    this.turn(id, process, () => process.member.boot(this.world.nowMs));
  }

  /** The process is gone; with the power, also what was not synced. */
  kill(id: MemberId, power: boolean): void {
    const process = this.processes.get(id);
    if (process === undefined || process.dead) return;
    process.dead = true;
    for (const timer of process.timers.values()) timer.cancel();
    this.processes.delete(id);
    const disk = this.disks.get(id) as Disk;
    const kept = power ? 0 : this.network.below(process.writing.length + 1);
    for (const { records } of process.writing.slice(0, kept)) disk.records.push(...records);
  }

  apply(fault: GroupFault): void {
    switch (fault.kind) {
      case 'partition':
        for (const a of this.ids) {
          for (const b of this.ids) {
            const group = (id: MemberId): number => fault.groups.findIndex((g) => g.includes(id));
            if (group(a) !== group(b)) this.cuts.add(`${a}→${b}`);
          }
        }
        return;
      case 'cut':
        this.cuts.add(`${fault.from}→${fault.to}`);
        return;
      case 'heal':
        this.cuts.clear();
        return;
      case 'kill':
        this.kill(fault.member, false);
        return;
      case 'loseDisk':
        this.kill(fault.member, true);
        this.disks.set(fault.member, {
          incarnation: (this.disks.get(fault.member) as Disk).incarnation,
          reserved: 0,
          records: [],
          founded: false,
        });
        return;
      case 'restart':
        if (!this.processes.has(fault.member)) this.start(fault.member);
        return;
      case 'powerFailure':
        for (const id of this.ids) this.kill(id, true);
        return;
      case 'powerReturns':
        for (const id of this.ids) if (!this.processes.has(id)) this.start(id);
        return;
      case 'pause': {
        const process = this.processes.get(fault.member);
        if (process !== undefined) process.paused = true;
        return;
      }
      case 'resume':
        this.resume(fault.member);
        return;
    }
  }

  describe(): string {
    return [...this.processes]
      .map(([id, { member, asked }]) => `${id}: ${JSON.stringify({ ...member.status(), asked: asked.size })}`)
      .join('\n');
  }

  private async until(condition: () => boolean, withinMs: number): Promise<boolean> {
    const deadlineMs = this.world.nowMs + withinMs;
    while (!condition() && this.world.nowMs < deadlineMs) {
      await this.runWithinBudget(this.world.nowMs + 20);
    }
    return condition();
  }

  /** A livelock makes events without end, in hardly any time: it must not hang the test. */
  private async runWithinBudget(untilMs: number): Promise<void> {
    const { world } = this;
    while (world.nowMs < untilMs) {
      const before = world.eventCount;
      await world.run(Math.min(world.nowMs + BUDGET_MS, untilMs));
      const events = world.eventCount - before;
      check(events < EVENTS_PER_VIRTUAL_MS * BUDGET_MS, 'L5', () => `${events} events in ${BUDGET_MS} ms`);
    }
  }

  /** Asks a member to order a command. */
  submit(id: MemberId, text: string): void {
    const process = this.processes.get(id);
    if (process === undefined || process.paused) return;
    const ticket = this.tickets++;
    process.asked.set(ticket, { ...this.log.ask(text), kind: 'command' });
    this.turn(id, process, () => process.member.submit(this.world.nowMs, ticket, Buffer.from(text)));
  }

  read(id: MemberId): void {
    const process = this.processes.get(id);
    if (process === undefined || process.paused) return;
    const ticket = this.tickets++;
    process.asked.set(ticket, { ...this.log.ask('a read'), kind: 'read' });
    this.turn(id, process, () => process.member.read(this.world.nowMs, ticket));
  }

  /** A datagram arrives that nobody sent just now. */
  hand(to: MemberId, from: MemberId, body: Body): void {
    const process = this.processes.get(to);
    const incarnation = this.processes.get(from)?.incarnation ?? 1;
    if (process === undefined) return;
    this.turn(to, process, () => process.member.receive(this.world.nowMs, { id: from, incarnation }, body));
  }

  /** Configurations that anybody delivered after this time. */
  configurationsAfter(ms: number): number {
    return this.configurationsMs.filter((atMs) => atMs > ms).length;
  }

  isWhole(): boolean {
    if (this.processes.size !== this.ids.length) return false;
    const rings = new Set([...this.processes.values()].map(({ member }) => ringName(member.ring.id)));
    return (
      rings.size === 1 &&
      [...this.processes.values()].every(
        ({ member }) => member.serving && member.ring.members.length === this.ids.length,
      )
    );
  }

  private isQuiet(): boolean {
    return (
      this.isWhole() &&
      [...this.processes.values()].every(
        ({ asked, member }) => asked.size === 0 && member.committed === this.log.history.length,
      )
    );
  }

  private healAll(): void {
    this.calm = true;
    this.cuts.clear();
    this.world.trace.note('world', 'heals');
    for (const id of this.ids) {
      if (!this.processes.has(id)) this.start(id);
      this.resume(id);
    }
  }

  private scheduleCommand(id: MemberId): void {
    const { commandEveryMs } = this.options.weather;
    this.world.after(-Math.log(1 - this.clients.float()) * commandEveryMs, () => {
      if (this.clientsStopped) return;
      if (this.clients.chance(0.3)) this.read(id);
      else {
        const burst = this.clients.chance(0.1) ? 8 : 1;
        for (let i = 0; i < burst; i++) this.submit(id, `c${this.tickets}@${id}`);
      }
      this.scheduleCommand(id);
    });
  }

  private resume(id: MemberId): void {
    const process = this.processes.get(id);
    if (process === undefined || !process.paused) return;
    process.paused = false;
    for (const run of process.held.splice(0)) this.whenAwake(process, run);
  }

  /** A paused process does later what happens to it now. */
  private whenAwake(process: Process, run: () => void): void {
    if (process.dead) return;
    if (process.paused) process.held.push(run);
    else run();
  }

  private turn(id: MemberId, process: Process, step: () => void): void {
    try {
      step();
      for (const effect of process.member.takeEffects()) this.carryOut(id, process, effect);
    } catch (error) {
      this.world.trace.note(`member ${id}`, `throws ${String(error)}`);
      throw error;
    }
  }

  private carryOut(id: MemberId, process: Process, effect: MemberEffect): void {
    const { world } = this;
    switch (effect.kind) {
      case 'send':
        for (const to of effect.to) this.send(id, process, to, effect.body);
        return;
      case 'setTimer': {
        process.timers.get(effect.timer)?.cancel();
        const timer = world.after(effect.delayMs, () =>
          this.whenAwake(process, () => {
            // Set anew or cancelled while the process slept.
            if (process.timers.get(effect.timer) !== timer) return;
            process.timers.delete(effect.timer);
            this.turn(id, process, () => process.member.timer(world.nowMs, effect.timer));
          }),
        );
        process.timers.set(effect.timer, timer);
        return;
      }
      case 'cancelTimer':
        process.timers.get(effect.timer)?.cancel();
        process.timers.delete(effect.timer);
        return;
      case 'reserve':
        world.after(this.diskMs(), () => {
          if (process.dead) return;
          const disk = this.disks.get(id) as Disk;
          disk.reserved = Math.max(disk.reserved, effect.upTo);
          this.whenAwake(process, () =>
            this.turn(id, process, () => process.member.reserved(world.nowMs, effect.upTo)),
          );
        });
        return;
      case 'persist':
        process.writing.push(effect);
        if (process.writing.length === 1) this.sync(id, process);
        return;
      case 'committed':
        this.log.committed(`member ${id}`, effect.first, effect.commands);
        return;
      case 'answered':
      case 'readable': {
        const asked = process.asked.get(effect.ticket);
        check(asked !== undefined, 'D3', () => `member ${id} answered ${effect.ticket} twice`);
        process.asked.delete(effect.ticket);
        if (effect.kind === 'answered') this.log.answer(asked, effect.position);
        else this.log.read(asked, effect.position);
        return;
      }
      case 'primary':
        this.log.primary(effect.ring.seq, ringName(effect.ring));
        return;
      case 'snapshotNeeded':
        check(false, 'D6', () => 'nothing is ever trimmed here');
    }
  }

  /** One sync at a time; what waits meanwhile is the next one. */
  private sync(id: MemberId, process: Process): void {
    const batch = process.writing.length;
    this.world.after(this.diskMs(), () => {
      if (process.dead) return;
      const disk = this.disks.get(id) as Disk;
      const written = process.writing.splice(0, batch);
      for (const { records } of written) disk.records.push(...records);
      if (process.writing.length > 0) this.sync(id, process);
      const { write } = written.at(-1) as { write: number };
      this.whenAwake(process, () =>
        this.turn(id, process, () => process.member.persisted(this.world.nowMs, write)),
      );
    });
  }

  private diskMs(): number {
    const slow = this.options.weather.slowDisk;
    return slow ? 1 + this.network.float() * 6 : 0.1 + this.network.float() * 0.4;
  }

  private send(from: MemberId, process: Process, to: MemberId, body: Body): void {
    const { weather } = this.options;
    const loss = this.calm ? Math.min(0.01, weather.loss) : weather.loss;
    if (this.network.chance(loss)) return;
    const copies = this.network.chance(weather.duplicate) ? 2 : 1;
    const sender = { id: from, incarnation: process.incarnation };
    let carried = body;
    if (this.datagrams++ % CODEC_EVERY === 0) {
      carried = decodeDatagram(CLUSTER, encodeDatagram(CLUSTER, sender, body)).body;
    }
    for (let copy = 0; copy < copies; copy++) {
      const spiked = !this.calm && this.network.chance(weather.spikeChance);
      const delayMs =
        0.1 + this.network.float() * 0.3 + (spiked ? this.network.float() * weather.spikeMs : 0);
      this.world.after(delayMs, () => {
        const receiver = this.processes.get(to);
        if (receiver === undefined || this.cuts.has(`${from}→${to}`)) return;
        this.whenAwake(receiver, () =>
          this.turn(to, receiver, () => receiver.member.receive(this.world.nowMs, sender, carried)),
        );
      });
    }
  }

  private observe(process: Process, id: MemberId, delivery: Delivery): void {
    this.evs.delivered({ id, incarnation: process.incarnation }, delivery);
    if (delivery.kind === 'configuration') {
      this.configurationsMs.push(this.world.nowMs);
      const members = delivery.members.map((member) => member.id).join();
      this.world.trace.note(
        `member ${id}`,
        `${delivery.configuration} configuration ${ringName(delivery.ring)} of ${members}`,
      );
    } else if (delivery.kind === 'stable') {
      this.world.trace.note(`member ${id}`, `stable ${ringName(delivery.ring)} ${delivery.seq}`);
    }
  }
}

/** Reads a disk as a start does. */
function restore(disk: Disk): RestoredLog {
  const entries: LogEntry[] = [];
  let accepted: RestoredLog['accepted'] = disk.founded ? FOUNDING_RING : undefined;
  let length = 0;
  for (const record of disk.records) {
    if (record.kind === 'entry') {
      entries.push(record.entry);
      length += record.entry.commands.length;
    } else if (record.kind === 'cut') {
      while (length > record.after) length -= entries.pop()?.commands.length ?? 0;
    } else {
      accepted = record.ring;
    }
  }
  return { accepted, entries, committed: 0 };
}

/** A seed's weather: each kind of trouble is there or not, weak or strong. */
export function drawWeather(random: Random): Weather {
  return {
    members: random.pick([2, 3, 3, 4, 5, 5]),
    loss: random.pick([0, 0, 0.01, 0.05, 0.2]),
    duplicate: random.pick([0, 0, 0.02, 0.2]),
    spikeMs: random.pick([5, 60, 400]),
    spikeChance: random.pick([0, 0, 0.05, 0.3]),
    slowDisk: random.chance(0.5),
    afterToken: random.pick([0, 0, 6]),
    commandEveryMs: random.pick([10, 30, 100]),
  };
}

export function drawSchedule(random: Random, weather: Weather, stormMs: number): FaultSchedule<GroupFault> {
  const ids = Array.from({ length: weather.members }, (_, i) => i + 1);
  const member = (r: Random): MemberId => r.pick(ids);
  const heal: GroupFault = { kind: 'heal' };
  return drawSwarm<GroupFault>(random, {
    untilMs: stormMs,
    maxFaults: 60,
    sources: [
      {
        name: 'partitions',
        meanIntervalMs: 400,
        draw: (r) => {
          const groups: MemberId[][] = [[], [], []];
          const count = 2 + r.below(2);
          for (const id of ids) groups[r.below(count)]?.push(id);
          return {
            fault: { kind: 'partition', groups },
            heal: { afterMs: r.pick([50, 150, 400, 900]), fault: heal },
          };
        },
      },
      {
        name: 'one-way cuts',
        meanIntervalMs: 600,
        draw: (r) => ({
          fault: { kind: 'cut', from: member(r), to: member(r) },
          heal: { afterMs: r.pick([100, 400]), fault: heal },
        }),
      },
      {
        name: 'kills',
        meanIntervalMs: 500,
        draw: (r) => {
          const victim = member(r);
          return {
            fault: { kind: 'kill', member: victim },
            heal: { afterMs: r.pick([1, 5, 100, 800]), fault: { kind: 'restart', member: victim } },
          };
        },
      },
      {
        name: 'power',
        meanIntervalMs: 1_500,
        draw: (r) => ({
          fault: { kind: 'powerFailure' },
          heal: { afterMs: r.pick([1, 50, 300]), fault: { kind: 'powerReturns' } },
        }),
      },
      {
        name: 'pauses',
        meanIntervalMs: 600,
        draw: (r) => {
          const victim = member(r);
          return {
            fault: { kind: 'pause', member: victim },
            heal: { afterMs: r.float() * 500, fault: { kind: 'resume', member: victim } },
          };
        },
      },
    ],
  });
}
