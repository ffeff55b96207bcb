import { Role, type CustomersServer } from '@everopen/contract/customers';
import type { ProductsServer } from '@everopen/contract/products';
import type { PaymentAnswer, PaymentClient } from '@everopen/payment';
import type { ClientCalls } from '@everopen/rpc';
import { fromCheckoutMessage, fromOrderMessage, toOrderLineMessages } from './messages.ts';
import type { CallLimit, PurchasePorts } from './ports.ts';
import type { PaymentVerdict } from './purchase-types.ts';

/** The ports of a running server: gRPC to the two databases, SOAP to payment. */
export function createGrpcPorts(clients: {
  readonly customers: ClientCalls<CustomersServer>;
  readonly products: ClientCalls<ProductsServer>;
  readonly payment: Pick<PaymentClient, 'charge' | 'void'>;
}): PurchasePorts {
  const { customers, products, payment } = clients;
  const within = (limit: CallLimit): { deadlineMs: number } => ({ deadlineMs: limit.timeoutMs });

  return {
    customers: {
      checkBuyerSession: async (sessionKey, limit) => {
        const request = { sessionKey: Buffer.from(sessionKey), role: Role.BUYER };
        const { response } = await customers.checkSession(request, within(limit));
        return { buyerId: response.accountId };
      },
      beginCheckout: async ({ checkoutKey, sessionKey, lines }, limit) => {
        const request = { checkoutKey, sessionKey: Buffer.from(sessionKey), lines: [...lines] };
        return fromCheckoutMessage((await customers.beginCheckout(request, within(limit))).response);
      },
      abortCheckout: async (checkoutKey, limit) =>
        fromCheckoutMessage((await customers.abortCheckout({ checkoutKey }, within(limit))).response),
      recordPurchase: async (checkoutKey, { orderId, lines, paymentReference }, limit) => {
        const request = { checkoutKey, orderId, lines: toOrderLineMessages(lines), paymentReference };
        return fromCheckoutMessage((await customers.recordPurchase(request, within(limit))).response);
      },
      getCheckout: async (checkoutKey, limit) =>
        fromCheckoutMessage((await customers.getCheckout({ checkoutKey }, within(limit))).response),
      listOpenCheckouts: async (request, limit) => {
        const { response } = await customers.listOpenCheckouts(request, within(limit));
        const { checkouts, logTimeUnixMs } = response;
        return { checkouts: checkouts.map(fromCheckoutMessage), logTimeUnixMs };
      },
      listUndeliveredFeedback: async (limit, call) =>
        (await customers.listUndeliveredFeedback({ limit }, within(call))).response.feedback,
      acknowledgeFeedback: async (upToFeedbackNumber, limit) => {
        await customers.acknowledgeFeedback({ upToFeedbackNumber }, within(limit));
      },
    },
    products: {
      placeOrder: async ({ orderKey, buyerId, lines }, limit) => {
        const request = { orderKey, buyerId, lines: toOrderLineMessages(lines) };
        return fromOrderMessage((await products.placeOrder(request, within(limit))).response);
      },
      confirmOrder: async (orderKey, paymentReference, limit) =>
        fromOrderMessage(
          (await products.confirmOrder({ orderKey, paymentReference }, within(limit))).response,
        ),
      cancelOrder: async ({ orderKey, reason, reasonDetails }, limit) => {
        const request = { orderKey, reason, reasonDetails };
        return fromOrderMessage((await products.cancelOrder(request, within(limit))).response);
      },
      abortOrder: async ({ orderKey, reason, reasonDetails }, limit) => {
        const request = { orderKey, reason, reasonDetails };
        return fromOrderMessage((await products.abortOrder(request, within(limit))).response);
      },
      markOrderRecorded: async (orderKey, limit) =>
        fromOrderMessage((await products.markOrderRecorded({ orderKey }, within(limit))).response),
      getOrder: async (orderKey, limit) =>
        fromOrderMessage((await products.getOrder({ orderKey }, within(limit))).response),
      listUnfinishedOrders: async (request, limit) => {
        const { response } = await products.listUnfinishedOrders(request, within(limit));
        const { orders, logTimeUnixMs } = response;
        return { orders: orders.map(fromOrderMessage), logTimeUnixMs };
      },
      countFeedback: async (feedback, limit) => {
        await products.countFeedback(feedback, within(limit));
      },
    },
    payment: {
      charge: async (request, limit) => verdictOf(await payment.charge(request, within(limit))),
      void: async (key, limit) => verdictOf(await payment.void({ key }, within(limit))),
    },
  };
}

function verdictOf({ outcome, reference, amountMinor, currency }: PaymentAnswer): PaymentVerdict {
  return outcome === 'charged' ? { result: outcome, reference, amountMinor, currency } : { result: outcome };
}
