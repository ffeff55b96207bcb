import type { ClientState } from './shop-client.ts';
import type { Transport } from './transport/transport.ts';

export interface ClientOptions {
  /** Base URLs of the servers: "http://127.0.0.1:7101". One is picked at random; the others stand by. */
  readonly servers: readonly string[];
  /** Go on where another client was: its token and positions. */
  readonly state?: ClientState;
  /** How requests travel; `fetch` if left out. `undiciTransport()` is faster on Node. */
  readonly transport?: Transport;
  /** Longest wait for one answer; 5,000 ms if left out. */
  readonly attemptTimeoutMs?: number;
  /** Longest time for a call with all its repeats; 30,000 ms if left out. */
  readonly callTimeoutMs?: number;
  /** 0 ≤ x < 1; `Math.random` if left out. For tests. */
  readonly random?: () => number;
}
