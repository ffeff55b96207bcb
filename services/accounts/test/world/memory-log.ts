import type { LogEvent, OrderedLog, Position } from '@everopen/replica';

/** One replica's ordered log without a disk: what is submitted is committed. */
export function memoryLog(): OrderedLog {
  const commands: Uint8Array[] = [];
  let wake: (() => void) | undefined;
  let closed = false;
  return {
    submit: async (command) => {
      commands.push(Uint8Array.from(command));
      wake?.();
      return commands.length;
    },
    committed: async function* (after: Position): AsyncIterable<LogEvent> {
      for (let at = after; !closed;) {
        if (at === commands.length) {
          await new Promise<void>((resume) => (wake = resume));
          continue;
        }
        const fresh = commands.slice(at);
        yield { kind: 'commands', first: at + 1, commands: fresh };
        at += fresh.length;
      }
    },
    readPoint: async () => commands.length,
    trim: async () => {},
    status: () => ({
      engine: 'memory',
      member: 'a',
      ready: !closed,
      committed: commands.length,
      first: 1,
      details: {},
    }),
    close: async () => {
      closed = true;
      wake?.();
    },
  };
}
