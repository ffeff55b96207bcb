/** Group communication: a Totem membership, a token ring and a rotating sequencer, as pure cores. */
export { decodeDatagram, encodeDatagram, type Datagram } from './wire/codec.ts';
export type { Body, BodyOf } from './wire/bodies.ts';
