import { formatMoney } from '@everopen/contract';
import type { Cart, Purchase } from '@everopen/contract/rest';
import { neutralise } from '../terminal/neutralise.ts';
import type { Style } from '../terminal/style.ts';
import { type Column, renderTable } from '../terminal/table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'ITEM', align: 'right' },
  { title: 'NAME' },
  { title: 'QUANTITY', align: 'right' },
  { title: 'EACH', align: 'right' },
  { title: 'TOTAL', align: 'right' },
];

interface Line {
  readonly itemId: number;
  readonly name: string | null;
  readonly quantity: number;
  readonly unitPriceMinor: number;
  readonly lineTotalMinor: number;
  readonly currency: string;
}

function rowOf(line: Line): string[] {
  return [
    String(line.itemId),
    neutralise(line.name ?? '–'),
    String(line.quantity),
    formatMoney(line.unitPriceMinor, line.currency),
    formatMoney(line.lineTotalMinor, line.currency),
  ];
}

export function renderCart(cart: Cart, style: Style): string[] {
  if (cart.lines.length === 0) return ['The cart is empty.'];
  const short = cart.lines.filter(({ quantity, available }) => quantity > available);
  return [
    ...renderTable(COLUMNS, cart.lines.map(rowOf), { title: style.dim }),
    ...cart.totals.map(({ totalMinor, currency }) =>
      style.bold(`Total ${formatMoney(totalMinor, currency)}`),
    ),
    ...short.map(({ itemId, available }) => style.yellow(`Of item ${itemId} only ${available} are left.`)),
    ...(cart.totals.length > 1 ? [style.yellow('One order has one currency: order them apart.')] : []),
  ];
}

const STATES: Record<Purchase['state'], string> = {
  paid: 'paid',
  pending: 'waiting for payment; it is settled by itself, see the history',
  refused: 'called off, nothing was charged',
};

export function renderPurchase(purchase: Purchase, style: Style): string[] {
  const order = purchase.orderId === null ? 'Order' : `Order ${purchase.orderId}`;
  const at = purchase.at === null ? '' : ` at ${purchase.at}`;
  const reason = purchase.code === null ? '' : ` (${purchase.code})`;
  return [
    `${style.bold(order)}${at}: ${STATES[purchase.state]}${reason}`,
    ...renderTable(COLUMNS, purchase.lines.map(rowOf), { title: style.dim }),
    style.bold(`Total ${formatMoney(purchase.totalMinor, purchase.currency)}`),
  ];
}
