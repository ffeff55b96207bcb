import { Order, type ProductsServer } from '@everopen/contract/products';
import { isCodedError } from '@everopen/core';
import type { Replica } from '@everopen/replica';
import { EncodedMessage, type CallContext, type ServiceHandlers } from '@everopen/rpc';
import { orderMessage, tombstoneMessage } from '../machine/messages.ts';
import { isExpired } from '../machine/order-keys.ts';
import { repeatedStep, unknownOrder, type Step } from '../machine/order-steps.ts';
import type { ProductsState } from '../machine/products-state.ts';
import { ARCHIVED_ORDER_BY_KEY, UNFINISHED_ORDERS } from '../queries/order-queries.ts';
import type { OrderRow } from '../schema/orders.ts';
import { checkLimit } from '../search/search-plan.ts';
import { encodeCommand, type Command } from '../validation/encode-command.ts';
import { checkInteger } from '../validation/numbers.ts';
import {
  checkAbortOrder,
  checkCancelOrder,
  checkConfirmOrder,
  checkOrderKeyRequest,
  checkPlaceOrder,
} from '../validation/order.ts';
import { readSession } from './read-session.ts';

type Handlers = ServiceHandlers<ProductsServer>;

/**
 * Orders: the steps of a purchase, each idempotent by the order's key. A step on an order that memory has
 * forgotten is answered from the archive, as the state machine would if it still knew the order.
 */
export function orderHandlers(
  replica: Replica,
  state: ProductsState,
): Pick<
  Handlers,
  | 'placeOrder'
  | 'confirmOrder'
  | 'cancelOrder'
  | 'abortOrder'
  | 'markOrderRecorded'
  | 'getOrder'
  | 'listUnfinishedOrders'
> {
  async function execute(command: Command, call: CallContext): Promise<EncodedMessage> {
    const { result, position } = await replica.execute({ payload: encodeCommand(command) });
    call.setPosition(replica.positionToken(position));
    return new EncodedMessage(result);
  }

  /** A finished order, once its key has expired. Nothing changes it any more, so any later look will do. */
  async function findArchived(orderKey: string, call: CallContext): Promise<OrderRow | undefined> {
    const session = readSession(replica, { ...call, readAt: undefined });
    const [order] = await session.query(ARCHIVED_ORDER_BY_KEY, { orderKey });
    if (order !== undefined) session.finish();
    return order as OrderRow | undefined;
  }

  async function step(command: Command, orderKey: string, taken: Step, call: CallContext) {
    try {
      return await execute(command, call);
    } catch (error) {
      if (!isCodedError(error, 'NotFound')) throw error;
      const archived = await findArchived(orderKey, call);
      const repeated = archived === undefined ? undefined : repeatedStep(archived, taken);
      if (repeated === undefined) throw error;
      return orderMessage(repeated);
    }
  }

  return {
    placeOrder: (request, call) => execute({ $case: 'placeOrder', value: checkPlaceOrder(request) }, call),

    confirmOrder: async (request, call) => {
      const value = checkConfirmOrder(request);
      const taken: Step = { kind: 'confirm', paymentReference: value.paymentReference };
      return step({ $case: 'confirmOrder', value }, value.orderKey, taken, call);
    },

    cancelOrder: async (request, call) => {
      const value = checkCancelOrder(request);
      return step({ $case: 'cancelOrder', value }, value.orderKey, { kind: 'cancel' }, call);
    },

    markOrderRecorded: async (request, call) => {
      const value = checkOrderKeyRequest(request);
      return step({ $case: 'markOrderRecorded', value }, value.orderKey, { kind: 'record' }, call);
    },

    abortOrder: async (request, call) => {
      const value = checkAbortOrder(request);
      const { result, position } = await replica.execute({
        payload: encodeCommand({ $case: 'abortOrder', value }),
      });
      // An expired key gets no tombstone: there may have been an order, which is archived by now.
      const mayBeArchived = isExpired(value.orderKey, replica.status().logTimeMs);
      if (mayBeArchived && Order.decode(result).orderId === 0) {
        const archived = await findArchived(value.orderKey, call);
        if (archived !== undefined) return orderMessage(archived);
      }
      call.setPosition(replica.positionToken(position));
      return new EncodedMessage(result);
    },

    getOrder: async (request, call) => {
      const { orderKey } = checkOrderKeyRequest(request);
      const session = readSession(replica, call);
      const known = await session.read(() => {
        const [order] = state.ordersByKey.get(orderKey);
        if (order !== undefined) return orderMessage(order);
        const [tombstone] = state.tombstonesByKey.get(orderKey);
        return tombstone === undefined ? undefined : tombstoneMessage(orderKey, tombstone);
      });
      if (known === undefined) {
        const [archived] = await session.query(ARCHIVED_ORDER_BY_KEY, { orderKey });
        if (archived === undefined) throw unknownOrder(orderKey);
        session.finish();
        return orderMessage(archived as OrderRow);
      }
      session.finish();
      return known;
    },

    listUnfinishedOrders: async (request, call) => {
      const limit = checkLimit(request.limit);
      const { placedBeforeUnixMs } = request;
      checkInteger(placedBeforeUnixMs, 'placed_before_unix_ms', 0, Number.MAX_SAFE_INTEGER);
      const session = readSession(replica, call);
      const placedBefore = placedBeforeUnixMs === 0 ? Number.MAX_SAFE_INTEGER : placedBeforeUnixMs;
      const rows = await session.query(UNFINISHED_ORDERS, { placedBefore, limit });
      // Sweepers ask for ever. What is listed has an age, which fresh time tells, for a log entry or two;
      // an idle shop has nothing to list, and its log is to stay as it is.
      const logTimeUnixMs = await session.read(({ nowMs }) => nowMs, { freshTime: rows.length > 0 });
      session.finish();
      return { orders: rows.map((row) => orderMessage(row as OrderRow)), logTimeUnixMs };
    },
  };
}
