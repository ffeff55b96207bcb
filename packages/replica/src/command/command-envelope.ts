import { ByteReader, ByteWriter, CodedError, UUID_BYTES, uuidV7UnixMs } from '@everopen/core';

/**
 * What the ordered log carries, around the machine's own payload:
 *
 *      0        1      2             10           16
 *     ┌─────────┬──────┬─────────────┬────────────┬──────────────────────────────┐
 *     │ version │ kind │ submitter   │ number     │ body, by kind                │
 *     │ 1       │      │ 8 bytes     │ 48 bits    │                              │
 *     └─────────┴──────┴─────────────┴────────────┴──────────────────────────────┘
 *     kind 1  repeatable     payload …
 *     kind 2  once           key (UUIDv7, 16 bytes) · fingerprint (16 bytes) · owner (text) · payload …
 *     kind 3  clock report   Unix milliseconds (48 bits) · whether others are asked to report (1) · member (text)
 *     kind 4  feature level  level (32 bits)
 *
 * Integers are big-endian; a text is a 32-bit length and UTF-8; a payload reaches to the end. `submitter`
 * is drawn anew at each start of a replica, so with `number` it names one submission for ever: by it the
 * submitting replica finds who waits for the answer.
 */
const VERSION = 1;
const REPEATABLE = 1;
const ONCE = 2;
const CLOCK = 3;
const FEATURE_LEVEL = 4;

export const SUBMITTER_BYTES = 8;
export const FINGERPRINT_BYTES = 16;
export const OWNER_CHARS_MAX = 64;
const MEMBER_CHARS_MAX = 128;
// eslint-disable-next-line no-control-regex
const UNSTORABLE = /[\0\p{Surrogate}]/u;

/** The most that an envelope adds to its payload. */
export const ENVELOPE_BYTES_MAX: number = 16 + UUID_BYTES + FINGERPRINT_BYTES + 4 + OWNER_CHARS_MAX * 3;

/** How a command that must happen once is recognised. */
export interface OnceKey {
  /** UUIDv7 of the client: says when it was made. */
  readonly key: Uint8Array;
  /** Of the request: the same key with another fingerprint is another request, and refused. */
  readonly fingerprint: Uint8Array;
  /** Whose quota the remembered answer counts against. */
  readonly owner: string;
}

export interface SubmissionId {
  readonly submitter: Uint8Array;
  readonly number: number;
}

export type CommandBody =
  | { readonly kind: 'machine'; readonly once: OnceKey | undefined; readonly payload: Uint8Array }
  | {
      readonly kind: 'clock';
      readonly member: string;
      readonly unixMs: number;
      /** There is work waiting for log time: whoever has not reported lately, should. */
      readonly wanted: boolean;
    }
  | { readonly kind: 'feature-level'; readonly level: number };

export interface CommandEnvelope {
  readonly id: SubmissionId;
  readonly body: CommandBody;
}

/** Throws `InvalidArgument` for a key, fingerprint or owner that is not of the right form. */
export function encodeCommand({ id, body }: CommandEnvelope): Uint8Array {
  const writer = new ByteWriter(body.kind === 'machine' ? ENVELOPE_BYTES_MAX + body.payload.length : 256);
  const start = (kind: number): ByteWriter => writer.u8(VERSION).u8(kind).raw(id.submitter).u48(id.number);
  switch (body.kind) {
    case 'machine': {
      if (body.once === undefined) return start(REPEATABLE).raw(body.payload).finish();
      assertOnceKey(body.once);
      const { key, fingerprint, owner } = body.once;
      return start(ONCE).raw(key).raw(fingerprint).text(owner).raw(body.payload).finish();
    }
    case 'clock':
      return start(CLOCK).u48(body.unixMs).boolean(body.wanted).text(body.member).finish();
    case 'feature-level':
      return start(FEATURE_LEVEL).u32(body.level).finish();
  }
}

/** Throws `Corrupt` for anything that `encodeCommand` did not make; a newer version is `Corrupt` too. */
export function decodeCommand(bytes: Uint8Array): CommandEnvelope {
  const reader = new ByteReader(bytes);
  const version = reader.u8();
  if (version !== VERSION) {
    throw new CodedError('Corrupt', `A command has the version ${version}; this program knows ${VERSION}`);
  }
  const kind = reader.u8();
  const id = { submitter: reader.raw(SUBMITTER_BYTES), number: reader.u48() };
  return { id, body: readBody(kind, reader) };
}

function readBody(kind: number, reader: ByteReader): CommandBody {
  switch (kind) {
    case REPEATABLE:
      return { kind: 'machine', once: undefined, payload: reader.raw(reader.remaining) };
    case ONCE: {
      const key = reader.raw(UUID_BYTES);
      const fingerprint = reader.raw(FINGERPRINT_BYTES);
      const once = { key, fingerprint, owner: limited('owner', reader.text(), OWNER_CHARS_MAX) };
      return { kind: 'machine', once, payload: reader.raw(reader.remaining) };
    }
    case CLOCK: {
      const unixMs = reader.u48();
      const wanted = reader.boolean();
      const member = limited('member', reader.text(), MEMBER_CHARS_MAX);
      reader.end();
      return { kind: 'clock', member, unixMs, wanted };
    }
    case FEATURE_LEVEL: {
      const level = reader.u32();
      reader.end();
      return { kind: 'feature-level', level };
    }
    default:
      throw new CodedError('Corrupt', `A command has the unknown kind ${kind}`);
  }
}

function assertOnceKey({ key, fingerprint, owner }: OnceKey): void {
  try {
    uuidV7UnixMs(key);
  } catch (cause) {
    throw new CodedError('InvalidArgument', 'idempotency-key is not a version 7 UUID', {
      details: { field: 'idempotency-key' },
      cause,
    });
  }
  if (fingerprint.length !== FINGERPRINT_BYTES) {
    throw new CodedError('InvalidArgument', `A fingerprint has ${FINGERPRINT_BYTES} bytes`, {
      details: { field: 'fingerprint' },
    });
  }
  const storable = !UNSTORABLE.test(owner);
  if (owner.length > OWNER_CHARS_MAX || !storable) {
    throw new CodedError('InvalidArgument', `An owner is a text of at most ${OWNER_CHARS_MAX} characters`, {
      details: { field: 'owner' },
    });
  }
}

function limited(what: string, text: string, charsMax: number): string {
  if (text.length > charsMax) throw new CodedError('Corrupt', `A command's ${what} is too long`);
  return text;
}
