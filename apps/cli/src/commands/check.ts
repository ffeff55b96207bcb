import { type AuditReport, booksReader, runAudit } from '@everopen/audit';
import { readClusterRecord } from '../cluster/cluster-file.ts';
import { askStatus } from '../control/control-client.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { formatDuration } from '../terminal/quantities.ts';
import { type Style, styleFor } from '../terminal/style.ts';
import { dialable, formatAddress, paymentUrlOf } from '../topology/topology.ts';

/** Each round reads everything, and a fault counts only if it outlasts this time. */
const SETTLE_SECONDS_MAX = 3_600;
const VIOLATIONS_SHOWN = 20;

/** `everopen check`: the shop's invariants over the books of the running marketplace. */
export async function check(flags: { data: string; json?: boolean; settle?: string }): Promise<number> {
  const settle = Number(flags.settle ?? 60);
  if (!(settle >= 0 && settle <= SETTLE_SECONDS_MAX)) {
    throw new CommandFailure(
      EXIT.usage,
      `--settle must be seconds from 0 to ${SETTLE_SECONDS_MAX}, got ${JSON.stringify(flags.settle)}`,
    );
  }
  const { nodes } = await askStatus(flags.data);
  const record = readClusterRecord(flags.data);
  if (record === undefined) throw new CommandFailure(EXIT.usage, `${flags.data} holds no founding record`);
  const addresses = (kind: string): string[] =>
    nodes.filter((node) => node.kind === kind).map(({ address }) => formatAddress(dialable(address)));
  const reader = booksReader({
    customersDb: addresses('customers-db'),
    productsDb: addresses('products-db'),
    paymentUrl: paymentUrlOf(nodes),
    clusterKey: record.clusterKey,
  });
  try {
    const report = await runAudit(() => reader.read(), {
      settleMs: settle * 1_000,
      onRound: (round, violations) => {
        if (flags.json === true) return;
        console.error(
          `Round ${round}: ${violations.length} findings; looking again, purchases may be under way`,
        );
      },
    });
    if (flags.json === true) console.log(JSON.stringify(report, null, 2));
    else for (const line of renderReport(report, styleFor(process.stdout, process.env))) console.log(line);
    return report.clean ? EXIT.fine : EXIT.refused;
  } finally {
    await reader.close();
  }
}

export function renderReport(report: AuditReport, style: Style): string[] {
  const { counts, invariants } = report;
  return [
    ...invariants.flatMap(({ name, statement, violations }) => [
      `${violations.length === 0 ? style.green('holds ') : style.red('BROKEN')}  ${name.padEnd(22)} ${style.dim(statement)}`,
      ...violations.slice(0, VIOLATIONS_SHOWN).map((violation) => `          ${violation}`),
      ...(violations.length > VIOLATIONS_SHOWN
        ? [`          and ${violations.length - VIOLATIONS_SHOWN} more`]
        : []),
    ]),
    `${counts.items} items, ${counts.orders} orders, ${counts.purchases} purchases, ${counts.charges} charges, ` +
      `${counts.unitsSold} units sold; read in ${formatDuration(report.durationMs)}`,
    report.clean ? style.green('Every invariant holds.') : style.red('An invariant is broken.'),
  ];
}
