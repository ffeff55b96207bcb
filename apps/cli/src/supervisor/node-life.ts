import type { Random } from '@everopen/core';
import type { NodeAddress } from '../topology/topology.ts';
import { restartDelayMs, type RestartPolicy } from './restart-delay.ts';

/** Where in its life a supervised component is. Times are monotonic milliseconds. */
export type NodePhase =
  | { readonly name: 'stopped' }
  | { readonly name: 'starting'; readonly sinceMs: number }
  | { readonly name: 'ready'; readonly sinceMs: number }
  /** Crashed; starts again at `untilMs`. */
  | { readonly name: 'waiting'; readonly untilMs: number }
  /** Asked to stop; `again`: it is to start anew once it has. */
  | { readonly name: 'stopping'; readonly again: boolean }
  /** It said that starting it again would not help; only an explicit `restart` tries. */
  | { readonly name: 'failed' };

export interface NodeLife {
  readonly phase: NodePhase;
  readonly crashesInARow: number;
  readonly restarts: number;
  /** Stopped by a signal of ours (`pause`); it holds its address and answers nobody. */
  readonly paused: boolean;
  readonly lastExit: string | undefined;
}

export type NodeEvent =
  | { readonly type: 'start' }
  | { readonly type: 'ready'; readonly address: NodeAddress }
  | { readonly type: 'exited'; readonly code: number | null; readonly signal: string | null }
  | { readonly type: 'restartDue' }
  | { readonly type: 'stop' }
  | { readonly type: 'restart' }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  | { readonly type: 'stopOverdue' };

export type NodeEffect =
  | { readonly type: 'spawn' }
  | { readonly type: 'signal'; readonly signal: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' }
  | { readonly type: 'restartAfter'; readonly delayMs: number }
  | { readonly type: 'forgetRestart' }
  /** Send `stopOverdue` unless it has exited by then. */
  | { readonly type: 'watchStop' };

export interface NodeLifeContext {
  readonly nowMs: number;
  readonly random: Random;
  readonly policy: RestartPolicy;
}

export interface NodeStep {
  readonly life: NodeLife;
  readonly effects: readonly NodeEffect[];
}

/** A component that exits with this code is wrongly configured: it would exit again. */
export const EXIT_CODE_HOPELESS = 2;

export const NEWBORN: NodeLife = {
  phase: { name: 'stopped' },
  crashesInARow: 0,
  restarts: 0,
  paused: false,
  lastExit: undefined,
};

/** The whole life of a supervised component: what happens next, given what has happened. */
export function stepNodeLife(life: NodeLife, event: NodeEvent, context: NodeLifeContext): NodeStep {
  const { phase } = life;
  const alive = phase.name === 'starting' || phase.name === 'ready' || phase.name === 'stopping';
  switch (event.type) {
    case 'start':
      return phase.name === 'stopped' ? spawn(life, context) : { life, effects: [] };

    case 'ready':
      if (phase.name !== 'starting') return { life, effects: [] };
      return { life: { ...life, phase: { name: 'ready', sinceMs: context.nowMs } }, effects: [] };

    case 'exited':
      return alive ? exited(life, event, context) : { life, effects: [] };

    case 'restartDue':
      if (phase.name !== 'waiting') return { life, effects: [] };
      return spawn({ ...life, restarts: life.restarts + 1 }, context);

    case 'restart': {
      const again = { ...life, crashesInARow: 0, restarts: life.restarts + 1 };
      if (alive) return askToStop(again, true);
      const { life: started, effects } = spawn(again, context);
      return { life: started, effects: [{ type: 'forgetRestart' }, ...effects] };
    }

    case 'stop':
      if (alive) return askToStop(life, false);
      return { life: { ...life, phase: { name: 'stopped' } }, effects: [{ type: 'forgetRestart' }] };

    case 'stopOverdue':
      return { life, effects: phase.name === 'stopping' ? [{ type: 'signal', signal: 'SIGKILL' }] : [] };

    case 'pause':
      if (!alive || life.paused) return { life, effects: [] };
      return { life: { ...life, paused: true }, effects: [{ type: 'signal', signal: 'SIGSTOP' }] };

    case 'resume':
      if (!alive || !life.paused) return { life, effects: [] };
      return { life: { ...life, paused: false }, effects: [{ type: 'signal', signal: 'SIGCONT' }] };
  }
}

function spawn(life: NodeLife, { nowMs }: NodeLifeContext): NodeStep {
  const phase = { name: 'starting', sinceMs: nowMs } as const;
  return { life: { ...life, phase, paused: false }, effects: [{ type: 'spawn' }] };
}

/** A paused process does not hear a polite request: it is woken first. */
function askToStop(life: NodeLife, again: boolean): NodeStep {
  if (life.phase.name === 'stopping') {
    return { life: { ...life, phase: { name: 'stopping', again } }, effects: [] };
  }
  const wake: NodeEffect[] = life.paused ? [{ type: 'signal', signal: 'SIGCONT' }] : [];
  return {
    life: { ...life, paused: false, phase: { name: 'stopping', again } },
    effects: [...wake, { type: 'signal', signal: 'SIGTERM' }, { type: 'watchStop' }],
  };
}

function exited(
  life: NodeLife,
  { code, signal }: Extract<NodeEvent, { type: 'exited' }>,
  context: NodeLifeContext,
): NodeStep {
  const { phase } = life;
  const gone = { ...life, paused: false, lastExit: signal ?? `exit code ${code}` };
  if (phase.name === 'stopping') {
    return phase.again
      ? spawn(gone, context)
      : { life: { ...gone, phase: { name: 'stopped' } }, effects: [] };
  }
  if (code === EXIT_CODE_HOPELESS) return { life: { ...gone, phase: { name: 'failed' } }, effects: [] };
  const wasHealthy = phase.name === 'ready' && context.nowMs - phase.sinceMs >= context.policy.healthyAfterMs;
  const crashesInARow = wasHealthy ? 1 : life.crashesInARow + 1;
  const delayMs = restartDelayMs(context.policy, crashesInARow, context.random);
  return {
    life: { ...gone, crashesInARow, phase: { name: 'waiting', untilMs: context.nowMs + delayMs } },
    effects: [{ type: 'restartAfter', delayMs }],
  };
}
