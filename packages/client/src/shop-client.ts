import type {
  Account,
  ChangePasswordAnswer,
  ChangePasswordRequest,
  LogInAnswer,
  LogInRequest,
  Positions,
  RegisterRequest,
  Session,
} from '@everopen/contract/rest';

/** What every call may be given. */
export interface CallOptions {
  /**
   * The idempotency key of a call that changes something: a version 7 UUID. Made by the client if left out.
   * Give your own to be able to repeat the call after a crash of this program.
   */
  readonly key?: string;
  /** Gives up waiting when aborted; what was sent may still take effect. */
  readonly signal?: AbortSignal;
}

/** What a client remembers between calls: enough to go on in another process. Holds a secret. */
export interface ClientState {
  readonly token: string | undefined;
  readonly positions: Positions;
}

/** What sellers and buyers have in common. Every method rejects with a `CodedError` (`docs/errors.md`). */
export interface ShopClient {
  register(request: RegisterRequest, options?: CallOptions): Promise<Account>;
  /** The token is kept and sent with every later call. */
  logIn(request: LogInRequest, options?: CallOptions): Promise<LogInAnswer>;
  /** The token is forgotten, and refused by every server from now on. */
  logOut(options?: CallOptions): Promise<void>;
  account(options?: CallOptions): Promise<Account>;
  sessions(options?: CallOptions): Promise<Session[]>;
  endSession(sessionNumber: number, options?: CallOptions): Promise<void>;
  /** Ends the account's other sessions. */
  changePassword(request: ChangePasswordRequest, options?: CallOptions): Promise<ChangePasswordAnswer>;
  readonly state: ClientState;
  /** Closes idle connections. */
  close(): Promise<void>;
}
