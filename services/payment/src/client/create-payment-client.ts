import { CodedError } from '@everopen/core';
import { Pool } from 'undici';
import type { Card } from '../card/card.ts';
import { validateCard } from '../card/validate-card.ts';
import type { LedgerEntry } from '../ledger/ledger-entry.ts';
import { requireAmount, requireKey } from '../ledger/ledger-request.ts';
import { readEnvelope, writeEnvelope } from '../soap/envelope.ts';
import { actionOf, writeCharge, writeListEntries, writeVoid, type Operation } from '../soap/messages.ts';
import { readXml } from '../xml/read-xml.ts';
import type { XmlElement } from '../xml/xml-element.ts';
import { believeAnswer, believeEntries, believeFault } from './believe-answer.ts';
import type { CallOptions, PaymentAnswer, PaymentClient } from './payment-client.ts';

/** An answer is cut off here: the longest honest one, 100 entries, is under 64 KiB. */
export const ANSWER_MAX_BYTES = 128 * 1024;
const DEADLINE_DEFAULT_MS = 5_000;
const CONNECTIONS_DEFAULT = 32;
/** Calls under way and waiting for a connection. */
export const CALLS_MAX = 1_000;

export interface PaymentClientOptions {
  /** Such as `http://127.0.0.1:7300/payment`. */
  readonly url: string;
  /** The service's own: every call carries it. */
  readonly clusterKey: string;
  /** For calls that give none of their own; default 5,000. */
  readonly deadlineMs?: number;
  /** Default 32. */
  readonly connections?: number;
  /** The time that cards are checked against; the system's by default. */
  readonly unixMs?: () => number;
}

/** A client that speaks SOAP 1.1 over kept connections. See `PaymentClient` for its errors. */
export function createPaymentClient(options: PaymentClientOptions): PaymentClient {
  return new SoapPaymentClient(options);
}

class SoapPaymentClient implements PaymentClient {
  private readonly options: PaymentClientOptions;
  private readonly path: string;
  private readonly pool: Pool;
  private readonly unixMs: () => number;
  private readonly utf8 = new TextDecoder('utf-8', { fatal: true });
  private calls = 0;
  private closed = false;

  constructor(options: PaymentClientOptions) {
    const url = new URL(options.url);
    this.options = options;
    this.path = url.pathname;
    this.unixMs = options.unixMs ?? Date.now;
    this.pool = new Pool(url.origin, { connections: options.connections ?? CONNECTIONS_DEFAULT });
  }

  async charge(
    request: {
      readonly key: string;
      readonly amountMinor: number;
      readonly currency: string;
      readonly card: Card;
    },
    options: CallOptions = {},
  ): Promise<PaymentAnswer> {
    requireKey(request.key);
    requireAmount(request.amountMinor, request.currency);
    const card = validateCard(request.card, this.unixMs());
    const answer = await this.call('Charge', writeCharge({ ...request, card }), options);
    return believeAnswer(answer, 'Charge', request);
  }

  async void(request: { readonly key: string }, options: CallOptions = {}): Promise<PaymentAnswer> {
    requireKey(request.key);
    const answer = await this.call('Void', writeVoid(request.key), options);
    return believeAnswer(answer, 'Void', request);
  }

  async listEntries(after: number, limit: number, options: CallOptions = {}): Promise<LedgerEntry[]> {
    const answer = await this.call('ListEntries', writeListEntries(after, limit), options);
    return believeEntries(answer, after, limit);
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.pool.destroy(new CodedError('Closed', 'The payment client was closed'));
  }

  /** The message of the answer's body, if it came whole and in time and is no fault. */
  private async call(operation: Operation, message: string, options: CallOptions): Promise<XmlElement> {
    if (this.closed) throw new CodedError('Closed', 'The payment client is closed');
    if (this.calls >= CALLS_MAX) {
      throw new CodedError('Overloaded', `More than ${CALLS_MAX} payment calls are under way`, {
        details: { limit: CALLS_MAX },
      });
    }
    this.calls++;
    const deadlineMs = options.deadlineMs ?? this.options.deadlineMs ?? DEADLINE_DEFAULT_MS;
    const abort = new AbortController();
    const deadline = setTimeout(() => abort.abort(), deadlineMs);
    let answer: { readonly status: number; readonly message: XmlElement };
    try {
      const { status, bytes } = await this.post(operation, message, abort.signal);
      answer = { status, message: readEnvelope(readXml(this.utf8.decode(bytes))).message };
    } catch (error) {
      const problem = abort.signal.aborted
        ? `did not answer within ${deadlineMs} ms`
        : 'gave no usable answer';
      throw new CodedError('PaymentUnavailable', `The payment service ${problem}`, { cause: error });
    } finally {
      clearTimeout(deadline);
      this.calls--;
    }
    if (answer.status !== 200) throw believeFault(answer.message);
    return answer.message;
  }

  private async post(
    operation: Operation,
    message: string,
    signal: AbortSignal,
  ): Promise<{ status: number; bytes: Uint8Array }> {
    const { statusCode, body } = await this.pool.request({
      path: this.path,
      method: 'POST',
      headers: {
        'content-type': 'text/xml; charset=utf-8',
        soapaction: `"${actionOf(operation)}"`,
        authorization: `Bearer ${this.options.clusterKey}`,
      },
      body: writeEnvelope('1.1', message),
      signal,
    });
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      // Leaving the loop destroys the body, and with it the connection.
      if (bytes > ANSWER_MAX_BYTES) throw new Error(`The answer is longer than ${ANSWER_MAX_BYTES} bytes`);
      chunks.push(chunk);
    }
    return {
      status: statusCode,
      bytes: chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks),
    };
  }
}
