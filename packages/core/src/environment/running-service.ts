/** A started server: every service's `start…` function resolves with one once it can be called. */
export interface RunningService {
  /** Where it listens; the port is the real one when 0 was asked for. */
  readonly address: { readonly host: string; readonly port: number };
  /** A polite crash: stops taking calls, lets running ones end (bounded), releases everything. */
  stop(): Promise<void>;
  /** What it is among its replicas now, such as `leader`; for what has replicas. */
  role?(): string | undefined;
}
