import type { Delivery, MemberId, Processor, Ring } from '../src/index.ts';
import { ringName } from '../src/index.ts';

/** A broken promise of the group, by the name that the specification gives to the promise. */
export class BrokenInvariant extends Error {
  readonly invariant: string;

  constructor(invariant: string, message: string) {
    super(`${invariant}: ${message}`);
    this.name = 'BrokenInvariant';
    this.invariant = invariant;
  }
}

export function check(condition: boolean, invariant: string, message: () => string): asserts condition {
  if (!condition) throw new BrokenInvariant(invariant, message());
}

/** What one process delivered in one ring, and how it left it. */
interface Stay {
  readonly ring: string;
  readonly members: readonly Processor[];
  /** seq → message, in the order of delivery. */
  readonly delivered: Map<number, string>;
  readonly transitionalFrom: number[];
  last: number;
  /** 1 … contiguous are delivered. */
  contiguous: number;
  stable: number;
  transitional: string | undefined;
  transitionalMembers: readonly Processor[];
  next: string | undefined;
  lastNumbers: Map<MemberId, number>;
}

interface Witness {
  readonly name: string;
  readonly me: Processor;
  stay: Stay | undefined;
  readonly stays: Stay[];
  /** Messages made by this process that it has not delivered or been given back. */
  readonly undelivered: Map<number, string>;
  readonly seen: Set<string>;
}

/**
 * Extended virtual synchrony, checked over all processes of a world (I1 … I10 of the specification). `safeForAll`: stable
 * means that every member of the ring has it (token ring), not only a majority.
 */
export class EvsChecker {
  private readonly safeForAll: boolean;
  private readonly witnesses = new Map<string, Witness>();
  /** Ring and seq → the messages there. */
  private readonly places = new Map<string, string>();
  private readonly ringMembers = new Map<string, string>();
  private readonly moves = new Map<string, string>();
  /** Message → what its sender had delivered in the ring when it made it. */
  private readonly causes = new Map<string, { ring: string; upTo: number }>();
  readonly rings = new Set<string>();

  constructor(safeForAll: boolean) {
    this.safeForAll = safeForAll;
  }

  /** A process made a message, in the ring that it installed last: it may be about to say so. */
  sent(me: Processor, ring: Ring, number: number): void {
    const witness = this.witness(me);
    const name = ringName(ring.id);
    witness.undelivered.set(number, name);
    const upTo = witness.stay?.ring === name ? witness.stay.last : 0;
    this.causes.set(messageName(me, number), { ring: name, upTo });
  }

  delivered(me: Processor, delivery: Delivery): void {
    const witness = this.witness(me);
    if (delivery.kind === 'configuration') this.configuration(witness, delivery);
    else if (delivery.kind === 'ordered') this.ordered(witness, delivery);
    else if (delivery.kind === 'unordered') {
      for (const { number } of delivery.messages) witness.undelivered.delete(number);
    } else if (delivery.kind === 'stable') {
      const { stay } = witness;
      check(stay?.ring === ringName(delivery.ring), 'I6', () => `${witness.name}: stable in another ring`);
      stay.stable = Math.max(stay.stable, delivery.seq);
      const { contiguous } = stay;
      check(
        delivery.seq <= contiguous,
        'I6',
        () => `${witness.name}: ${delivery.seq} is stable and not delivered`,
      );
    }
  }

  /** What can be told only when the world is at rest. */
  finish(): void {
    if (!this.safeForAll) return;
    const stable = new Map<string, number>();
    const stays = [...this.witnesses.values()].flatMap((witness) =>
      witness.stays.map((stay) => ({ witness, stay })),
    );
    for (const { stay } of stays) {
      stable.set(stay.ring, Math.max(stable.get(stay.ring) ?? 0, stay.stable));
    }
    for (const { witness, stay } of stays) {
      if (stay.next === undefined) continue;
      const seq = stable.get(stay.ring) ?? 0;
      check(
        stay.contiguous >= seq,
        'I6',
        () => `${seq} of ring ${stay.ring} was stable somewhere, and ${witness.name} moved on without it`,
      );
    }
    // Delivered in a transitional configuration: by everybody in it that goes on.
    for (const { witness, stay } of stays) {
      if (stay.next === undefined) continue;
      for (const other of stays) {
        const mate = stay.transitionalMembers.some((member) => processName(member) === other.witness.name);
        if (other.stay.ring !== stay.ring || other.stay.next === undefined || !mate) continue;
        for (const seq of stay.delivered.keys()) {
          check(
            other.stay.delivered.has(seq),
            'I6',
            () =>
              `${witness.name} delivered ${seq} of ${stay.ring} with ${other.witness.name}, which did not`,
          );
        }
      }
    }
  }

  private configuration(
    witness: Witness,
    { configuration, ring, members }: Extract<Delivery, { kind: 'configuration' }>,
  ): void {
    const name = ringName(ring);
    const list = members.map(processName).join();
    const { stay } = witness;
    if (configuration === 'transitional') {
      check(stay?.ring === name, 'I4', () => `${witness.name}: transitional configuration of another ring`);
      check(
        members.some((member) => processName(member) === witness.name),
        'I9',
        () => `${witness.name} is not in its own transitional configuration ${list}`,
      );
      stay.transitional = list;
      stay.transitionalMembers = members;
      return;
    }
    this.rings.add(name);
    const known = this.ringMembers.get(name);
    check(known === undefined || known === list, 'I3', () => `ring ${name} is ${known} and ${list}`);
    this.ringMembers.set(name, list);
    check(new Set(members.map(({ id }) => id)).size === members.length, 'I10', () => `${list} has one twice`);
    check(
      members.some((member) => processName(member) === witness.name),
      'I10',
      () => `${witness.name} installed ${list}`,
    );
    if (stay !== undefined) {
      stay.next = name;
      for (const [number, ring] of witness.undelivered) {
        check(ring === name, 'I5', () => `${witness.name} has not delivered its own message ${number}`);
      }
      const history = `${[...stay.delivered].map(([seq, message]) => `${seq}=${message}`).join(' ')} | ${stay.transitional} after ${stay.transitionalFrom.length}`;
      const move = `${stay.ring} → ${name}`;
      const other = this.moves.get(move);
      check(
        other === undefined || other === history,
        'I4',
        () => `two ways ${move}: ${history} and ${other}`,
      );
      this.moves.set(move, history);
    }
    witness.stay = {
      ring: name,
      members,
      delivered: new Map(),
      transitionalFrom: [],
      last: 0,
      contiguous: 0,
      stable: 0,
      transitional: undefined,
      transitionalMembers: [],
      next: undefined,
      lastNumbers: new Map(),
    };
    witness.stays.push(witness.stay);
  }

  private ordered(
    witness: Witness,
    { ring, seq, messages, transitional }: Extract<Delivery, { kind: 'ordered' }>,
  ): void {
    const { stay, name } = witness;
    check(stay?.ring === ringName(ring), 'I1', () => `${name}: delivered a message of another ring`);
    check(!stay.delivered.has(seq), 'I1', () => `${name}: delivered ${seq} twice`);
    const { last } = stay;
    check(seq > last, 'I2', () => `${name}: delivered ${seq} after ${last}`);
    check(
      transitional || seq === last + 1,
      'I2',
      () => `${name}: delivered ${seq} after ${last}, in a regular ring`,
    );
    const names = messages.map((message) => {
      const origin = stay.members.find(({ id }) => id === message.origin);
      check(origin !== undefined, 'I1', () => `${name}: a message of ${message.origin}, no member`);
      const full = messageName(origin, message.number);
      const cause = this.causes.get(full);
      check(cause !== undefined, 'I1', () => `${name}: nobody sent ${full}`);
      check(!witness.seen.has(full), 'I1', () => `${name}: delivered ${full} twice`);
      witness.seen.add(full);
      const before = stay.lastNumbers.get(message.origin) ?? -1;
      check(message.number > before, 'I7', () => `${name}: ${full} after ${before}`);
      stay.lastNumbers.set(message.origin, message.number);
      if (cause.ring === stay.ring) {
        const known = stay.contiguous;
        check(
          cause.upTo <= known,
          'I8',
          () => `${name}: ${full} depends on ${cause.upTo}, delivered to ${known}`,
        );
      }
      if (message.origin === witness.me.id) witness.undelivered.delete(message.number);
      return full;
    });
    const place = `${stay.ring} ${seq}`;
    const text = names.join('+');
    const known = this.places.get(place);
    check(known === undefined || known === text, 'I2', () => `${place} is ${known} and ${text}`);
    this.places.set(place, text);
    stay.delivered.set(seq, text);
    stay.last = seq;
    if (seq === stay.contiguous + 1) stay.contiguous = seq;
    if (transitional) stay.transitionalFrom.push(seq);
  }

  private witness(me: Processor): Witness {
    const name = processName(me);
    let witness = this.witnesses.get(name);
    if (witness === undefined) {
      witness = { name, me, stay: undefined, stays: [], undelivered: new Map(), seen: new Set() };
      this.witnesses.set(name, witness);
    }
    return witness;
  }
}

function processName({ id, incarnation }: Processor): string {
  return `${id}#${incarnation}`;
}

function messageName(origin: Processor, number: number): string {
  return `${processName(origin)}/${number}`;
}
