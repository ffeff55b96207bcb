export interface DatagramAddress {
  readonly host: string;
  readonly port: number;
}

/** One bound UDP socket, or a simulated one. Datagrams may be lost, doubled, delayed, reordered. */
export interface DatagramSocket {
  readonly address: DatagramAddress;
  /** Fire and forget. `bytes` may be reused by the caller after the call. */
  send(bytes: Uint8Array, to: DatagramAddress): void;
  close(): void;
}

/** Where datagram sockets come from. */
export interface Network {
  bind(
    address: DatagramAddress,
    receive: (bytes: Uint8Array, from: DatagramAddress) => void,
  ): Promise<DatagramSocket>;
}
