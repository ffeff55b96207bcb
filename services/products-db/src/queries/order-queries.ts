import { OrderState } from '@everopen/contract/products';
import { ARCHIVED_ORDERS, ORDERS, type OrderRow } from '../schema/orders.ts';
import { namedQuery, type NamedQuery, type RowsOf } from './named-query.ts';

const COLUMNS = Object.keys(ORDERS.columns).join(', ');
const byId = (a: OrderRow, b: OrderRow): number => a.order_id - b.order_id;

/** The archived order with `:orderKey`, if there is one. */
export const ARCHIVED_ORDER_BY_KEY: NamedQuery = namedQuery({
  name: 'archived_order_by_key',
  sql: `SELECT ${COLUMNS} FROM archived_orders WHERE order_key = :orderKey ORDER BY order_id`,
  reference: (rows, { orderKey }) =>
    archived(rows)
      .filter((order) => order.order_key === orderKey)
      .toSorted(byId),
});

/** Reserved and paid orders placed before `:placedBefore`, the oldest first. They are never archived. */
export const UNFINISHED_ORDERS: NamedQuery = namedQuery({
  name: 'unfinished_orders',
  sql: `
    SELECT ${COLUMNS} FROM orders
    WHERE state IN (${OrderState.RESERVED}, ${OrderState.PAID}) AND placed_at_ms < :placedBefore
    ORDER BY order_id LIMIT :limit`,
  reference: (rows, { placedBefore, limit }) =>
    rows<OrderRow>(ORDERS.name)
      .filter((order) => order.state === OrderState.RESERVED || order.state === OrderState.PAID)
      .filter((order) => order.placed_at_ms < (placedBefore as number))
      .toSorted(byId)
      .slice(0, limit as number),
});

/** All orders after `:after` by id, archived or not. */
export const ORDERS_AFTER: NamedQuery = namedQuery({
  name: 'orders_after',
  sql: `
    SELECT ${COLUMNS} FROM (
      SELECT * FROM (SELECT ${COLUMNS} FROM orders WHERE order_id > :after ORDER BY order_id LIMIT :limit) AS o
      UNION ALL
      SELECT * FROM (
        SELECT ${COLUMNS} FROM archived_orders WHERE order_id > :after ORDER BY order_id LIMIT :limit
      ) AS a
    ) AS every_order
    ORDER BY order_id LIMIT :limit`,
  reference: (rows, { after, limit }) =>
    [...rows<OrderRow>(ORDERS.name), ...archived(rows)]
      .filter((order) => order.order_id > (after as number))
      .toSorted(byId)
      .slice(0, limit as number),
});

function archived(rows: RowsOf): readonly OrderRow[] {
  return rows<OrderRow>(ARCHIVED_ORDERS.name);
}
