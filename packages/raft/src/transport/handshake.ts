import { createHmac, timingSafeEqual } from 'node:crypto';
import { ByteReader, ByteWriter, CodedError, type Random } from '@everopen/core';
import type { MemberId } from '../core/types.ts';
import type { FrameSocket } from './frame-socket.ts';

/**
 * Both ends prove that they know the cluster's key, over nonces of both:
 *
 *     dialler   hello      "EVRAFT" · u16 version · u8 purpose · u32 n · cluster · from · to · 16 bytes nonce
 *     listener  challenge  16 bytes nonce · HMAC-SHA-256(key, "listener" · hello · nonce)
 *     dialler   proof      HMAC-SHA-256(key, "dialler" · hello · nonce)
 *     listener  accepted
 *
 * Then the dialler sends, and on a snapshot's connection the listener answers. What follows is protected against errors
 * by checksums, but not against somebody who can write into the connection: use it inside a trusted network or a tunnel.
 */
const MAGIC = Buffer.from('EVRAFT');
const VERSION = 1;
const NONCE_BYTES = 16;
const PROOF_BYTES = 32;
/** Until it is authenticated, a peer sends no more than a short hello. */
export const HANDSHAKE_FRAME_BYTES_MAX = 1024;

const FRAME = { hello: 1, challenge: 2, proof: 3, accepted: 4 } as const;
const PURPOSES = ['messages', 'snapshot'] as const;

export type Purpose = (typeof PURPOSES)[number];

export interface Credentials {
  readonly cluster: string;
  /** At least 16 bytes that only members know. */
  readonly key: Uint8Array;
  readonly self: MemberId;
  readonly random: Random;
}

/** Says who I am, and makes sure of who answers. Rejects with `Unauthenticated` or `Corrupt`. */
export async function greet(
  socket: FrameSocket,
  { cluster, key, self, random }: Credentials,
  to: MemberId,
  purpose: Purpose,
): Promise<void> {
  const hello = new ByteWriter()
    .raw(MAGIC)
    .u16(VERSION)
    .u8(PURPOSES.indexOf(purpose))
    .text(cluster)
    .u48(self)
    .u48(to)
    .raw(random.fill(new Uint8Array(NONCE_BYTES)))
    .finish();
  socket.send(FRAME.hello, (writer) => writer.raw(hello));
  const challenge = new ByteReader(await socket.next(FRAME.challenge));
  const nonce = challenge.raw(NONCE_BYTES);
  requireProof(challenge.raw(PROOF_BYTES), proof(key, 'listener', hello, nonce));
  socket.send(FRAME.proof, (writer) => writer.raw(proof(key, 'dialler', hello, nonce)));
  await socket.next(FRAME.accepted);
}

export interface Caller {
  readonly from: MemberId;
  readonly purpose: Purpose;
}

/** Finds out who calls. Rejects with `WrongCluster`, `Unauthenticated` or `Corrupt`; then hang up without an answer. */
export async function welcome(
  socket: FrameSocket,
  { cluster, key, self, random }: Credentials,
): Promise<Caller> {
  const hello = await socket.next(FRAME.hello);
  const reader = new ByteReader(hello);
  if (!MAGIC.equals(reader.raw(MAGIC.length)) || reader.u16() !== VERSION) {
    throw new CodedError('Corrupt', 'Not a member of this version');
  }
  const purpose = PURPOSES[reader.u8()];
  const [theirCluster, from, to] = [reader.text(), reader.u48(), reader.u48()];
  if (theirCluster !== cluster)
    throw new CodedError('WrongCluster', `Member ${from} belongs to ${theirCluster}`);
  if (purpose === undefined || to !== self)
    throw new CodedError('Corrupt', `Member ${from} calls member ${to}`);
  const nonce = random.fill(new Uint8Array(NONCE_BYTES));
  socket.send(FRAME.challenge, (writer) => writer.raw(nonce).raw(proof(key, 'listener', hello, nonce)));
  requireProof(await socket.next(FRAME.proof), proof(key, 'dialler', hello, nonce));
  socket.allowLongFrames();
  socket.send(FRAME.accepted, () => {});
  return { from, purpose };
}

function proof(key: Uint8Array, role: string, hello: Uint8Array, nonce: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(role).update(hello).update(nonce).digest();
}

function requireProof(given: Uint8Array, expected: Uint8Array): void {
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new CodedError('Unauthenticated', 'The other end does not know the key of the cluster');
  }
}
