import type { Entry, Index } from '../../src/index.ts';

/** A state that depends on every command and their order. */
export interface MachineState {
  readonly applied: Index;
  /** A hash over all commands up to `applied`. */
  readonly chain: number;
}

export const EMPTY_STATE: MachineState = { applied: 0, chain: 0 };

export function applyEntry(state: MachineState, entry: Entry): MachineState {
  const value = entry.kind === 'command' ? commandNumber(entry.data) : 0;
  return { applied: entry.index, chain: (Math.imul(state.chain ^ value, 0x01000193) + entry.term) >>> 0 };
}

export function numberedCommand(value: number): Uint8Array {
  const data = new Uint8Array(4);
  new DataView(data.buffer).setUint32(0, value);
  return data;
}

export function commandNumber(data: Uint8Array): number {
  return new DataView(data.buffer, data.byteOffset).getUint32(0);
}
