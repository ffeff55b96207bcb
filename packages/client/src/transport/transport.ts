export interface TransportRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
}

export interface TransportAnswer {
  readonly status: number;
  /** A header's text by its lower-case name. */
  header(name: string): string | undefined;
  readonly body: string;
}

/** How one request travels. Rejects if no whole answer came; redirects are not followed. */
export interface Transport {
  send(request: TransportRequest): Promise<TransportAnswer>;
  close(): Promise<void>;
}
