import type { MarketplaceStatus } from '../control/control-protocol.ts';
import type { Watcher } from '../marketplace/run-marketplace.ts';
import { renderStatusTable, renderWeight } from '../supervisor/status-table.ts';
import type { Style } from '../terminal/style.ts';
import { RedrawnBlock } from '../terminal/redrawn-block.ts';
import { plainWatcher } from './plain-watcher.ts';

const REDRAW_EVERY_MS = 1_000;

/** What happens as lines that scroll by, and below them a table that is always true. */
export function terminalWatcher(
  output: { write(text: string): unknown; readonly columns?: number; readonly rows?: number },
  style: Style,
  askStatus: () => Promise<MarketplaceStatus>,
): Watcher {
  const block = new RedrawnBlock((text) => output.write(text));
  let latest: MarketplaceStatus | undefined;
  const draw = (): void => {
    if (latest === undefined) return;
    const width = (output.columns ?? 120) - 1;
    const demo = latest.demo === 'loading' ? ' · loading the demonstration catalogue' : '';
    const lines = [
      '',
      ...renderStatusTable(latest.nodes, style),
      renderWeight(latest.nodes, latest.supervisorRssBytes) + demo,
    ];
    // What has scrolled out of the terminal cannot be redrawn.
    const height = (output.rows ?? 24) - 1;
    block.draw(lines.slice(0, height).map((line) => cutToWidth(line, width)));
  };
  const lines = plainWatcher((line) => block.printAbove(line), style);
  const timer = setInterval(() => {
    askStatus().then(
      (status) => {
        latest = status;
        draw();
      },
      // It is stopping: the last picture stays.
      () => clearInterval(timer),
    );
  }, REDRAW_EVERY_MS);
  timer.unref();
  const show = (status: MarketplaceStatus, tell: () => void): void => {
    latest = status;
    tell();
    draw();
  };
  return {
    founded: (clusterId) => lines.founded(clusterId),
    changed: (status, node, event) => show(status, () => lines.changed(status, node, event)),
    selling: (status) => show(status, () => lines.selling(status)),
    demo: (status) => show(status, () => lines.demo(status)),
    stopping: () => {
      lines.stopping();
      draw();
    },
  };
}

/** Cuts what is visible; colour codes take no room. */
function cutToWidth(line: string, width: number): string {
  const parts = line.split(new RegExp(`(${String.fromCharCode(27)}\\[[0-9;]*m)`));
  let left = width;
  return parts
    .map((part, at) => {
      if (at % 2 === 1) return part;
      const kept = part.slice(0, Math.max(left, 0));
      left -= kept.length;
      return kept;
    })
    .join('');
}
