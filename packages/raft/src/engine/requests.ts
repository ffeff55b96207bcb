import { ByteReader, CodedError, isCodedError, type ByteWriter, type Random } from '@everopen/core';
import type { MemberId } from '../core/types.ts';
import type { Position } from './ordered-log.ts';

/**
 * Members ask their leader to order a command, or for a read point (numbers as in entry-codec.ts):
 *
 *     30 submit      request · bytes of the command to the end
 *     31 read point  request
 *     32 answer      request · u8 1 · position
 *                    request · u8 0 · text code · text message
 */
export const REQUEST_FRAME = { submit: 30, readPoint: 31, answer: 32 } as const;

interface Waiting {
  readonly peer: MemberId;
  resolve(position: Position): void;
  reject(error: CodedError): void;
}

/**
 * Requests that were sent to other members and are not answered. Numbers are never used twice, and begin anywhere: the
 * leader may still answer what this member asked before a restart, and that must not look like an answer to something new.
 */
export class Requests {
  private readonly waiting = new Map<number, Waiting>();
  private last: number;

  constructor(random: Random) {
    // 47 random bits; the 48th leaves room to count up.
    this.last = random.below(2 ** 31) * 2 ** 16 + random.below(2 ** 16);
  }

  /** Notes who waits; the caller sends the number with the request. */
  open(peer: MemberId, resolve: (position: Position) => void, reject: (error: CodedError) => void): number {
    this.waiting.set(++this.last, { peer, resolve, reject });
    return this.last;
  }

  answered(body: Uint8Array): void {
    const reader = new ByteReader(body);
    const number = reader.u48();
    const isDone = reader.boolean();
    const request = this.waiting.get(number);
    this.waiting.delete(number);
    if (isDone) request?.resolve(reader.u48());
    else request?.reject(new CodedError(reader.text(), reader.text()));
  }

  /** Nobody waits any more. */
  giveUp(number: number): void {
    this.waiting.delete(number);
  }

  /** The connection to a peer broke: it may or may not have done what it was asked. */
  lost(peer: MemberId): void {
    for (const [number, request] of this.waiting) {
      if (request.peer !== peer) continue;
      this.waiting.delete(number);
      request.reject(new CodedError('Unknown', `Member ${peer} was lost before it answered`));
    }
  }
}

export function writeAnswer(writer: ByteWriter, request: number, outcome: Position | CodedError): void {
  writer.u48(request);
  if (isCodedError(outcome)) writer.boolean(false).text(outcome.code).text(outcome.message);
  else writer.boolean(true).u48(outcome);
}
