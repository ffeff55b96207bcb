/** An answer that is already encoded (the state machine did it): sent as it is, not decoded and encoded again. */
export class EncodedMessage {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}
