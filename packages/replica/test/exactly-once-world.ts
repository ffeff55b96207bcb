import { isCodedError, toHex, uuidV7, type Random } from '@everopen/core';
import { openReplica, soloLog, type OrderedLog, type Replica, type StoreQuery } from '@everopen/replica';
import { SurvivingStore, toyCommand, ToyMachine } from '@everopen/replica/testing';
import {
  drawSwarm,
  scheduleFaults,
  SimulatedClock,
  SimulatedDisk,
  World,
  type FaultSchedule,
  type Scenario,
} from '@everopen/simulation';
import type { LogEvent, Position, SnapshotSource } from '../src/log/ordered-log.ts';
import type { ReplicaMutations } from '../src/replicated/mutations.ts';
import { ReplicatedState } from '../src/replicated/replicated-state.ts';

export type ReplicaFault =
  | { readonly kind: 'kill' }
  /** `kept`: the part of what was not synced that survives. */
  | { readonly kind: 'power failure'; readonly kept: number }
  /** The data is lost, and comes back as a snapshot that was taken from the store just before. */
  | { readonly kind: 'replacement' }
  | { readonly kind: 'clock jump'; readonly byMs: number };

const FAULTS_UNTIL_MS = 1500;
const CLIENTS = 4;
const COMMANDS_PER_CLIENT = 60;
const ACCOUNTS = ['ann', 'bob'];
const IDENTITY = { cluster: 'simulated', epoch: 1, member: 'a', members: ['a'] };
const ALL_ENTRIES: StoreQuery<readonly []> = {
  name: 'all entries',
  sql: 'SELECT position, name, amount FROM entries ORDER BY position',
  reference: (rows) => [...rows('entries')],
};

/** What a command came to, as its client saw it. */
interface Seen {
  readonly name: string;
  readonly amount: number;
  readonly answer: string;
  readonly position: Position | undefined;
}

/**
 * One replica on a disk that lies, killed at random points; clients that repeat their commands under the same
 * keys until they are answered, and ask again after they were.
 */
class ExactlyOnceWorld {
  private readonly world: World;
  private readonly random: Random;
  private readonly disk: SimulatedDisk;
  private readonly mutations: ReplicaMutations;
  private store: SurvivingStore;
  private clock: SimulatedClock | undefined;
  private machine = new ToyMachine();
  private replica: Replica | undefined;
  private snapshots: SnapshotSource | undefined;
  private handedOver: { position: Position; chunks: readonly Uint8Array[] } | undefined;
  private boots = 0;
  private clientsDone = 0;
  private jumpedMs = 0;
  private unanswered = 0;
  private readonly seen = new Map<string, Seen>();
  private readonly committed = new Map<Position, Uint8Array>();

  constructor(world: World, mutations: ReplicaMutations) {
    this.world = world;
    this.mutations = mutations;
    this.random = world.random('scenario');
    this.disk = new SimulatedDisk({ world });
    this.store = this.newStore();
  }

  async run(schedule: FaultSchedule<ReplicaFault>): Promise<void> {
    const { world } = this;
    scheduleFaults(world, schedule, (fault) => this.apply(fault));
    world.spawn(() => this.start());
    for (let client = 0; client < CLIENTS; client++) world.spawn(() => this.client(client));
    const done = await world.runUntil(() => this.clientsDone === CLIENTS, 60_000);
    if (!done) throw new Error('The clients are not done 58 s after the last fault');
    await world.run(Math.max(world.nowMs, FAULTS_UNTIL_MS) + 100);
    this.crash();
    world.spawn(() => this.start());
    world.spawn(() => this.check());
    if (!(await world.runUntil(() => this.clientsDone > CLIENTS, world.nowMs + 10_000))) {
      throw new Error('The check at the end does not end');
    }
  }

  private apply(fault: ReplicaFault): void {
    switch (fault.kind) {
      case 'kill':
        this.crash();
        this.startLater();
        return;
      case 'power failure':
        this.crash();
        this.disk.powerFailure(() => (this.random.chance(fault.kept) ? 'kept' : 'lost'));
        this.store.powerFailure((n) => Math.round(n * fault.kept));
        this.startLater();
        return;
      case 'replacement':
        this.world.spawn(() => this.replace());
        return;
      case 'clock jump':
        this.jumpedMs += fault.byMs;
        this.clock?.jumpUnix(fault.byMs);
        return;
    }
  }

  private newStore(): SurvivingStore {
    return new SurvivingStore(() => this.world.sleep(0.2 + 3 * this.random.float()));
  }

  private crash(): void {
    this.boots++;
    this.clock?.stop();
    this.disk.kill();
    this.store.kill();
    this.replica = undefined;
    this.snapshots = undefined;
  }

  private startLater(): void {
    this.world.after(1 + this.random.below(50), () => {
      this.world.spawn(() => this.start());
    });
  }

  private async start(): Promise<void> {
    if (this.replica !== undefined) return;
    const boot = ++this.boots;
    const clock = new SimulatedClock(this.world, { unixOffsetMs: this.jumpedMs });
    this.clock = clock;
    const machine = new ToyMachine();
    const random = this.world.random(`boot ${boot}`);
    const replica = await openReplica({
      identity: IDENTITY,
      machine,
      log: async ({ snapshots }) => {
        const log = await soloLog({
          member: 'a',
          disk: this.disk.mount(),
          wal: {
            directory: '/data/log',
            segmentBytes: 16 * 1024,
            maxRecordBytes: 4096,
            clock,
            random,
            owner: { name: `boot-${boot}`, isAlive: () => false },
          },
        })();
        if (boot === this.boots) this.snapshots = snapshots;
        return this.watched(log);
      },
      store: this.store.open,
      onFatal: (error) => {
        if (boot === this.boots) this.world.fail(error);
      },
      limits: { checkpointCommands: 20, commandWaitMsMax: 2000, backlogRowsMax: 20 },
      clock,
      random,
      mutations: this.mutations,
    });
    if (boot !== this.boots) return;
    this.world.trace.note('replica', `starts at ${replica.status().applied}`);
    this.machine = machine;
    this.replica = replica;
  }

  /** Remembers what was committed, and insists that it stays so; begins with a snapshot after a replacement. */
  private watched(log: OrderedLog): OrderedLog {
    const { committed, handedOver } = this;
    return {
      submit: (command) => log.submit(command),
      readPoint: () => log.readPoint(),
      trim: (upTo) => log.trim(upTo),
      status: () => log.status(),
      close: () => log.close(),
      async *committed(after) {
        let from = after;
        if (handedOver !== undefined && after < handedOver.position) {
          from = handedOver.position;
          yield snapshotEvent(handedOver);
        }
        for await (const event of log.committed(from)) {
          if (event.kind === 'commands') {
            event.commands.forEach((command, i) => remember(committed, event.first + i, command));
          }
          yield event;
        }
      },
    };
  }

  private async replace(): Promise<void> {
    const boot = this.boots;
    const taken = await this.snapshots?.snapshot(0);
    if (taken === undefined || boot !== this.boots || taken.position === 0) return;
    this.crash();
    const chunks: Uint8Array[] = [];
    for await (const chunk of taken.chunks) chunks.push(chunk);
    this.handedOver = { position: taken.position, chunks };
    this.store = this.newStore();
    this.world.trace.note('replica', `begins anew with a snapshot of ${taken.position}`);
    this.startLater();
  }

  private async client(id: number): Promise<void> {
    const random = this.world.random(`client ${id}`);
    const keys: { key: Uint8Array; name: string; amount: number }[] = [];
    for (let i = 0; i < COMMANDS_PER_CLIENT; i++) {
      const command = {
        key: uuidV7(this.world.unixMs, random),
        name: random.pick(ACCOUNTS),
        amount: random.below(20) - 8,
      };
      keys.push(command);
      await this.untilAnswered(command, random);
      if (random.chance(0.3)) await this.untilAnswered(random.pick(keys), random);
      if (random.chance(0.2)) await this.withoutKey(random.pick(ACCOUNTS), random.below(10));
      await this.world.sleep(random.below(40));
    }
    // Everything once more at the end: all answers must still be the same.
    for (const command of keys) await this.untilAnswered(command, random);
    this.clientsDone++;
  }

  private async untilAnswered(
    { key, name, amount }: { key: Uint8Array; name: string; amount: number },
    random: Random,
  ): Promise<void> {
    for (;;) {
      const answer = await this.attempt(key, name, amount);
      if (answer !== undefined) {
        this.compare(toHex(key), { name, amount, ...answer });
        return;
      }
      await this.world.sleep(1 + random.below(30));
    }
  }

  /** Not repeated: if there is no answer, it happened once or not at all. */
  private async withoutKey(name: string, amount: number): Promise<void> {
    const answer = await this.attempt(undefined, name, amount);
    if (answer === undefined) this.unanswered++;
    else this.compare(`without key ${this.seen.size}`, { name, amount, ...answer });
  }

  private async attempt(
    key: Uint8Array | undefined,
    name: string,
    amount: number,
  ): Promise<Pick<Seen, 'answer' | 'position'> | undefined> {
    const { replica } = this;
    if (replica === undefined) return undefined;
    const late = this.world.sleep(400).then(() => undefined);
    try {
      const executed = replica.execute({
        payload: toyCommand({ name, amount }),
        ...(key === undefined ? {} : { once: { key, owner: name } }),
      });
      const answer = await Promise.race([executed, late]);
      if (answer === undefined) return undefined;
      return { answer: Buffer.from(answer.result).toString(), position: answer.position };
    } catch (error) {
      if (isCodedError(error, 'NotEnough')) return { answer: error.message, position: undefined };
      if (isCodedError(error) && RETRIED.has(error.code)) return undefined;
      throw error;
    }
  }

  private compare(key: string, seen: Seen): void {
    const before = this.seen.get(key);
    if (before === undefined) this.seen.set(key, seen);
    else if (before.answer !== seen.answer || before.position !== seen.position) {
      throw new Error(`${key} was answered ${JSON.stringify(before)}, and then ${JSON.stringify(seen)}`);
    }
  }

  private async check(): Promise<void> {
    while (this.replica === undefined) await this.world.sleep(1);
    const { replica } = this;
    await replica.read({ level: 'linearizable' }, () => undefined);
    const { rows } = await replica.query({ level: 'linearizable' }, ALL_ENTRIES, []);
    const entries = new Map(rows.map((row) => [row['position'], row]));
    const succeeded = [...this.seen.values()].filter(({ position }) => position !== undefined);
    for (const { position, name, amount } of succeeded) {
      const entry = entries.get(position ?? 0);
      if (entry?.['name'] !== name || entry['amount'] !== amount) {
        throw new Error(
          `${name} ${amount} was acknowledged at ${position}, where there is ${JSON.stringify(entry)}`,
        );
      }
    }
    const most = succeeded.length + this.unanswered;
    if (entries.size < succeeded.length || entries.size > most) {
      throw new Error(`${entries.size} effects of ${succeeded.length} to ${most} commands`);
    }
    for (const name of ACCOUNTS) {
      const sum = rows
        .filter((row) => row['name'] === name)
        .reduce((all, row) => all + Number(row['amount']), 0);
      const balance = this.machine.accounts.get(name)?.balance ?? 0;
      if (balance !== sum) throw new Error(`${name} has ${balance}, its entries make ${sum}`);
    }
    this.compareWithReplay(replica);
    this.clientsDone++;
  }

  private compareWithReplay(replica: Replica): void {
    const fresh = new ReplicatedState({
      machine: new ToyMachine(),
      clockMembers: IDENTITY.members,
      featureLevelMax: 0,
      hashSeed: 1,
    });
    const { applied, digest } = replica.status();
    for (let position = 1; position <= applied; position++) {
      const command = this.committed.get(position);
      if (command === undefined) throw new Error(`Position ${position} was never delivered`);
      fresh.apply(position, command);
    }
    if (fresh.digest() !== digest) throw new Error('The state is not that of a fresh replay');
  }
}

const RETRIED: ReadonlySet<string> = new Set(['Unknown', 'NotReady', 'Closed', 'Overloaded', 'NotCaughtUp']);

function remember(committed: Map<Position, Uint8Array>, position: Position, command: Uint8Array): void {
  const before = committed.get(position);
  if (before === undefined) committed.set(position, Uint8Array.from(command));
  else if (Buffer.compare(before, command) !== 0) throw new Error(`Position ${position} has changed`);
}

function snapshotEvent(snapshot: { position: Position; chunks: readonly Uint8Array[] }): LogEvent {
  return {
    kind: 'snapshot',
    position: snapshot.position,
    chunks: (async function* () {
      yield* snapshot.chunks;
    })(),
  };
}

export function exactlyOnce(mutations: ReplicaMutations = {}): Scenario<ReplicaFault> {
  return {
    name: 'exactly once',
    schedule: (seed) =>
      drawSwarm(new World({ seed }).random('faults'), {
        fromMs: 5,
        untilMs: FAULTS_UNTIL_MS,
        sources: [
          { name: 'kill', meanIntervalMs: 150, draw: () => ({ fault: { kind: 'kill' } as ReplicaFault }) },
          {
            name: 'power failure',
            meanIntervalMs: 150,
            draw: (random) => ({ fault: { kind: 'power failure', kept: random.pick([0, 0, 0.5, 1]) } }),
          },
          { name: 'replacement', meanIntervalMs: 300, draw: () => ({ fault: { kind: 'replacement' } }) },
          {
            name: 'clock jump',
            meanIntervalMs: 300,
            draw: (random) => ({ fault: { kind: 'clock jump', byMs: random.below(40_000) - 20_000 } }),
          },
        ],
      }),
    run: async (seed, schedule, begin) => {
      const world = new World({ seed });
      begin(world);
      await new ExactlyOnceWorld(world, mutations).run(schedule);
    },
  };
}
