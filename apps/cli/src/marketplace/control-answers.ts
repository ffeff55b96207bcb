import type { ControlRequest, MarketplaceStatus } from '../control/control-protocol.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';

/** What a running marketplace answers on its control socket. */
export function controlAnswers(
  supervisor: Supervisor,
  status: () => MarketplaceStatus,
  askToStop: () => void,
): (request: ControlRequest) => Promise<unknown> {
  return async (request) => {
    switch (request.verb) {
      case 'status':
        return status();
      case 'down':
        askToStop();
        return status();
      case 'kill':
        return { pid: supervisor.kill(request.node) };
      case 'pause':
        return supervisor.pause(request.node);
      case 'resume':
        return supervisor.resume(request.node);
      case 'restart':
        return supervisor.restart(request.node);
    }
  };
}
