import {
  CodedError,
  type DatagramAddress,
  type DatagramSocket,
  type Network,
  type Random,
} from '@everopen/core';
import type { World } from '../world/world.ts';

/** How datagrams fare from one host to another. Probabilities are from 0 to 1, each datagram drawn alone. */
export interface LinkConditions {
  readonly loss: number;
  readonly duplicate: number;
  /** One bit somewhere is flipped. */
  readonly corrupt: number;
  /** Each datagram takes from `min` to `max` ms, drawn evenly: unequal delays reorder. */
  readonly delayMs: { readonly min: number; readonly max: number };
}

export const PERFECT_LINK: LinkConditions = {
  loss: 0,
  duplicate: 0,
  corrupt: 0,
  delayMs: { min: 0.05, max: 0.05 },
};

/** The largest UDP payload over IPv4. */
const MAX_DATAGRAM_BYTES = 65_507;

export interface NetworkCounts {
  sent: number;
  delivered: number;
  lost: number;
  duplicated: number;
  corrupted: number;
  /** Sent between hosts that cannot reach each other, or to nobody. */
  unreachable: number;
}

interface Receiver {
  readonly host: string;
  receive: ((bytes: Uint8Array, from: DatagramAddress) => void) | undefined;
}

/**
 * Datagrams between hosts of a world: lost, doubled, delayed, reordered, corrupted, cut off one way or both ways,
 * as told. A host's programs get its `Network` from `host(name)`; a bound address is `{ host: name, port }`.
 */
export class SimulatedNetwork {
  readonly counts: NetworkCounts = {
    sent: 0,
    delivered: 0,
    lost: 0,
    duplicated: 0,
    corrupted: 0,
    unreachable: 0,
  };
  private readonly world: World;
  private readonly random: Random;
  private readonly receivers = new Map<string, Receiver>();
  private readonly links = new Map<string, LinkConditions>();
  private readonly cuts = new Set<string>();
  private defaults: LinkConditions;
  private nextPort = 40_000;

  constructor(world: World, conditions: Partial<LinkConditions> = {}) {
    this.world = world;
    this.random = world.random('network');
    this.defaults = { ...PERFECT_LINK, ...conditions };
  }

  host(name: string): Network {
    return { bind: async (address, receive) => this.bind(name, address.port, receive) };
  }

  /** Conditions of all links that have none of their own. What is not named stays. */
  setConditions(conditions: Partial<LinkConditions>): void {
    this.defaults = { ...this.defaults, ...conditions };
  }

  /** Conditions of one direction of one link, on top of the general ones as they are now. */
  setLink(from: string, to: string, conditions: Partial<LinkConditions>): void {
    this.links.set(linkName(from, to), { ...this.defaults, ...conditions });
  }

  /** Nothing gets from `from` to `to`; the other direction stays. */
  cut(from: string, to: string): void {
    this.cuts.add(linkName(from, to));
  }

  /** Hosts reach each other within a group only. Hosts in no group reach only each other. */
  partition(groups: readonly (readonly string[])[], hosts: readonly string[] = this.hosts()): void {
    const groupOf = (host: string): number => groups.findIndex((group) => group.includes(host));
    for (const from of hosts) {
      for (const to of hosts) if (groupOf(from) !== groupOf(to)) this.cut(from, to);
    }
  }

  /** Ends all cuts, and all conditions of single links. */
  heal(): void {
    this.cuts.clear();
    this.links.clear();
  }

  /** The host's programs are dead: its sockets are gone. */
  crash(host: string): void {
    for (const [key, receiver] of this.receivers) {
      if (receiver.host !== host) continue;
      receiver.receive = undefined;
      this.receivers.delete(key);
    }
  }

  /** Hosts with a bound socket, sorted. */
  hosts(): string[] {
    return [...new Set([...this.receivers.values()].map(({ host }) => host))].sort();
  }

  private bind(
    host: string,
    wantedPort: number,
    receive: (bytes: Uint8Array, from: DatagramAddress) => void,
  ): DatagramSocket {
    const port = wantedPort === 0 ? this.nextPort++ : wantedPort;
    const address: DatagramAddress = { host, port };
    const key = addressName(address);
    if (this.receivers.has(key))
      throw new CodedError('InUse', `${key} is bound already`, { details: { host, port } });
    const receiver: Receiver = { host, receive };
    this.receivers.set(key, receiver);
    return {
      address,
      send: (bytes, to) => {
        if (receiver.receive) this.send(bytes, address, to);
      },
      close: () => {
        receiver.receive = undefined;
        if (this.receivers.get(key) === receiver) this.receivers.delete(key);
      },
    };
  }

  private send(bytes: Uint8Array, from: DatagramAddress, to: DatagramAddress): void {
    this.counts.sent++;
    if (bytes.length > MAX_DATAGRAM_BYTES) {
      throw new RangeError(`A datagram of ${bytes.length} bytes; ${MAX_DATAGRAM_BYTES} is the most`);
    }
    const { random } = this;
    const link = this.links.get(linkName(from.host, to.host)) ?? this.defaults;
    if (random.chance(link.loss)) {
      this.counts.lost++;
      return;
    }
    const copies = random.chance(link.duplicate) ? 2 : 1;
    this.counts.duplicated += copies - 1;
    for (let copy = 0; copy < copies; copy++) {
      const carried = Uint8Array.from(bytes);
      if (carried.length > 0 && random.chance(link.corrupt)) {
        this.counts.corrupted++;
        const at = random.below(carried.length);
        carried[at] = (carried[at] as number) ^ (1 << random.below(8));
      }
      const { min, max } = link.delayMs;
      this.world.after(min + random.float() * (max - min), () => this.arrive(carried, from, to));
    }
  }

  /** Cuts hold for what is on its way, too. */
  private arrive(bytes: Uint8Array, from: DatagramAddress, to: DatagramAddress): void {
    const receive = this.receivers.get(addressName(to))?.receive;
    if (!receive || this.cuts.has(linkName(from.host, to.host))) {
      this.counts.unreachable++;
      return;
    }
    this.counts.delivered++;
    receive(bytes, from);
  }
}

function linkName(from: string, to: string): string {
  return `${from} → ${to}`;
}

function addressName({ host, port }: DatagramAddress): string {
  return `${host}:${port}`;
}
