import { readFileSync } from 'node:fs';
import type { LockOwner } from '../log/write-ahead-log.ts';

const UNKNOWN = 'unknown';

/**
 * This process, named by the boot of the machine, its process id and its time of start, which together are never
 * given to another process. Where there is no `/proc` (macOS), by its process id alone.
 *
 * Processes that cannot see each other (other hosts, other PID namespaces) take each other for dead: do not
 * give two containers one directory.
 */
export const processOwner: LockOwner = {
  name: `${bootId()}-${process.pid}-${startTicks(process.pid) ?? UNKNOWN}`,
  isAlive: (name) => {
    const [, boot, pid, start] = /^(.+)-(\d+)-([0-9a-z]+)$/.exec(name) ?? [];
    if (boot !== bootId() || pid === undefined) return false;
    return start === UNKNOWN ? answersSignals(Number(pid)) : startTicks(Number(pid)) === start;
  },
};

function bootId(): string {
  return (read('/proc/sys/kernel/random/boot_id') ?? UNKNOWN).trim();
}

/** When a process started, in clock ticks since boot; undefined if it is not running. */
function startTicks(pid: number): string | undefined {
  // proc(5): the second field may hold anything in parentheses; the state is the third, the start the 22nd.
  const fields = read(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ');
  const state = fields?.[0];
  return state === 'Z' || state === 'X' ? undefined : fields?.[19];
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // no such process, or no /proc on this system
  }
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
