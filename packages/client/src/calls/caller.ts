import { errorForm } from '@everopen/contract';
import {
  formatPositions,
  IDEMPOTENCY_KEY_HEADER,
  newerPositions,
  parsePositions,
  POSITION_HEADER,
} from '@everopen/contract/headers';
import { CodedError, isCodedError } from '@everopen/core/errors';
import type { ClientOptions } from '../client-options.ts';
import type { CallOptions, ClientState } from '../shop-client.ts';
import { fetchTransport } from '../transport/fetch-transport.ts';
import type { TransportAnswer } from '../transport/transport.ts';
import { toCodedError } from './to-coded-error.ts';
import { makeKey } from './make-key.ts';
import { serverPicker } from './server-picker.ts';

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | readonly string[] | undefined>>;
  readonly body?: unknown;
  /** This call takes longer than others. */
  readonly attemptTimeoutMs?: number;
}

/** Sends calls until they are answered: at another server, after a pause, under the same key. */
export interface Caller {
  call<Answer>(call: Call, options?: CallOptions): Promise<Answer>;
  readonly state: ClientState;
  useToken(token: string | undefined): void;
  close(): Promise<void>;
}

const ATTEMPT_TIMEOUT_MS = 5_000;
const CALL_TIMEOUT_MS = 30_000;
const FIRST_PAUSE_MS = 25;
const MAX_PAUSE_MS = 2_000;

export function createCaller(options: ClientOptions): Caller {
  const { transport = fetchTransport(), random = Math.random } = options;
  const servers = serverPicker(options.servers, random);
  const callTimeoutMs = options.callTimeoutMs ?? CALL_TIMEOUT_MS;
  let { token, positions }: ClientState = options.state ?? { token: undefined, positions: {} };

  async function attempt(
    call: Call,
    key: string | undefined,
    signal: AbortSignal | undefined,
    leftMs: number,
  ): Promise<unknown> {
    const limitMs = Math.min(leftMs, call.attemptTimeoutMs ?? options.attemptTimeoutMs ?? ATTEMPT_TIMEOUT_MS);
    const timeout = AbortSignal.timeout(Math.max(1, Math.ceil(limitMs)));
    const position = formatPositions(positions);
    const answer = await transport.send({
      method: call.method,
      url: servers.current() + call.path + queryOf(call.query),
      headers: {
        accept: 'application/json',
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(key === undefined ? {} : { [IDEMPOTENCY_KEY_HEADER]: key }),
        ...(position === '' ? {} : { [POSITION_HEADER]: position }),
      },
      body: call.body === undefined ? undefined : JSON.stringify(call.body),
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    const seen = parsePositions(answer.header(POSITION_HEADER) ?? '');
    if (seen !== undefined) positions = newerPositions(positions, seen);
    return resultOf(answer);
  }

  return {
    call: async <Answer>(call: Call, { key: givenKey, signal }: CallOptions = {}) => {
      const key = call.method === 'GET' ? undefined : (givenKey ?? makeKey());
      const endsAtMs = performance.now() + callTimeoutMs;
      for (let failures = 0; ; failures++) {
        try {
          return (await attempt(call, key, signal, endsAtMs - performance.now())) as Answer;
        } catch (error) {
          signal?.throwIfAborted();
          const coded = isCodedError(error) ? error : notAnswered(error);
          if (!isWorthRepeating(coded)) throw coded;
          const isServersFault = errorForm(coded.code).retry === 'same-key';
          if (isServersFault) servers.moveOn();
          // Another server may be well: it is tried at once, each of them, before the pauses begin.
          const round = isServersFault ? failures - options.servers.length + 1 : failures;
          const backOffMs = round < 0 ? 0 : Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** round);
          const pauseMs = Math.max(backOffMs * (0.5 + random()), toldPauseMs(coded));
          if (performance.now() + pauseMs >= endsAtMs) throw coded;
          await pause(pauseMs, signal);
        }
      }
    },
    get state() {
      return { token, positions };
    },
    useToken: (next) => {
      token = next;
    },
    close: () => transport.close(),
  };
}

function resultOf(answer: TransportAnswer): unknown {
  if (answer.status === 204) return undefined;
  if (answer.status < 200 || answer.status > 299) {
    const error = toCodedError(answer);
    const retryAfter = Number(answer.header('retry-after'));
    if (!Number.isFinite(retryAfter) || 'retryAfterMs' in error.details) throw error;
    throw new CodedError(error.code, error.message, {
      details: { ...error.details, retryAfterMs: retryAfter * 1_000 },
    });
  }
  try {
    return JSON.parse(answer.body);
  } catch (cause) {
    throw new CodedError('Unknown', 'The answer cannot be read', { cause });
  }
}

/** It may have been executed or not: the same key makes that harmless. */
function notAnswered(cause: unknown): CodedError {
  return new CodedError('Unknown', 'No server answered', { cause });
}

/** What the same call under the same key may mend by itself; the rest needs a person, or time. */
function isWorthRepeating({ code }: CodedError): boolean {
  return errorForm(code).retry === 'same-key' || code === 'Overloaded' || code === 'DiskFull';
}

/** An overloaded server says how long to stay away; one that is merely unwell need not be waited for. */
function toldPauseMs({ code, details }: CodedError): number {
  const told = details['retryAfterMs'];
  return errorForm(code).retry === 'later' && typeof told === 'number' ? told : 0;
}

function queryOf(query: Call['query']): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined) continue;
    for (const one of typeof value === 'object' ? value : [value]) parameters.append(name, String(one));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

async function pause(pauseMs: number, signal: AbortSignal | undefined): Promise<void> {
  if (pauseMs <= 0) return;
  await new Promise<void>((resume, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resume();
    }, pauseMs);
    signal?.addEventListener('abort', abort, { once: true });
  });
}
