import { CheckoutState, type CustomersServer } from '@everopen/contract/customers';
import { OrderState, type ProductsServer } from '@everopen/contract/products';
import type { PaymentAnswer } from '@everopen/payment';
import type { ClientCalls } from '@everopen/rpc';
import { describe, expect, it } from 'vitest';
import { anOrder, CARD, KEY, LINES } from '../../test/fakes/fake-ports.ts';
import { createGrpcPorts } from './grpc-ports.ts';
import type { PurchasePorts } from './ports.ts';

const LIMIT = { timeoutMs: 1_234 };

/** Clients that note what they are asked, and answer by method. */
function stage(answers: Readonly<Record<string, unknown>>): { ports: PurchasePorts; asked: unknown[] } {
  const asked: unknown[] = [];
  const client = (isGrpc: boolean): never =>
    new Proxy(
      {},
      {
        get: (_target, name) => async (request: unknown, options: unknown) => {
          asked.push([name, request, options]);
          const answer = answers[String(name)] ?? {};
          return isGrpc ? { response: answer, position: '1:1' } : answer;
        },
      },
    ) as never;
  const customers: ClientCalls<CustomersServer> = client(true);
  const products: ClientCalls<ProductsServer> = client(true);
  return { ports: createGrpcPorts({ customers, products, payment: client(false) }), asked };
}

const CHECKOUT = { checkoutKey: KEY, buyerId: 3, lines: LINES, begunAtUnixMs: 5, orderId: 0 };

describe('the ports over gRPC and SOAP', () => {
  it('ask within the limit, and tell states by their names', async () => {
    const { ports, asked } = stage({
      recordPurchase: { ...CHECKOUT, state: CheckoutState.RECORDED },
      placeOrder: { ...anOrder(), state: OrderState.RESERVED },
    });
    const order = anOrder({ state: 'paid' });
    expect(await ports.customers.recordPurchase(KEY, order, LIMIT)).toMatchObject({ state: 'recorded' });
    expect(await ports.products.placeOrder({ orderKey: KEY, buyerId: 3, lines: LINES }, LIMIT)).toEqual(
      anOrder(),
    );
    expect(asked).toEqual([
      [
        'recordPurchase',
        { checkoutKey: KEY, orderId: 9, lines: order.lines, paymentReference: 'pay_1' },
        { deadlineMs: 1_234 },
      ],
      [
        'placeOrder',
        { orderKey: KEY, buyerId: 3, lines: LINES.map((line) => ({ ...line, sellerId: 0, name: '' })) },
        { deadlineMs: 1_234 },
      ],
    ]);
  });

  it('call an order off with the reason and its details, and give back what is kept', async () => {
    const kept = { cancelReason: 'OutOfStock', cancelDetails: '{"message":"None is left","details":{}}' };
    const answer = { ...anOrder(kept), state: OrderState.CANCELLED };
    const { ports, asked } = stage({ abortOrder: answer, cancelOrder: answer });
    const request = { orderKey: KEY, reason: 'PaymentVoided', reasonDetails: '{}' };
    const given = anOrder({ ...kept, state: 'cancelled' });
    expect(await ports.products.abortOrder(request, LIMIT)).toEqual(given);
    expect(await ports.products.cancelOrder(request, LIMIT)).toEqual(given);
    expect(asked).toEqual([
      ['abortOrder', request, { deadlineMs: 1_234 }],
      ['cancelOrder', request, { deadlineMs: 1_234 }],
    ]);
  });

  it('know every state, and leave one of a later version undecided', async () => {
    const states = { open: 1, aborted: 2, recorded: 3 };
    for (const [state, number] of Object.entries(states)) {
      const { ports } = stage({ getCheckout: { ...CHECKOUT, state: number } });
      expect(await ports.customers.getCheckout(KEY, LIMIT)).toMatchObject({ state });
    }
    const orderStates = { reserved: 1, paid: 2, recorded: 3, cancelled: 4 };
    for (const [state, number] of Object.entries(orderStates)) {
      const { ports } = stage({ getOrder: { ...anOrder(), state: number } });
      expect(await ports.products.getOrder(KEY, LIMIT)).toMatchObject({ state });
    }
    const { ports } = stage({ getOrder: { ...anOrder(), state: 5 }, getCheckout: { ...CHECKOUT, state: 0 } });
    await expect(ports.products.getOrder(KEY, LIMIT)).rejects.toMatchObject({ code: 'Unknown' });
    await expect(ports.customers.getCheckout(KEY, LIMIT)).rejects.toMatchObject({ code: 'Unknown' });
  });

  it('hand the card to payment alone, and give its verdict', async () => {
    const request = { key: KEY, amountMinor: 300, currency: 'EUR', card: CARD };
    const answer: PaymentAnswer = {
      outcome: 'charged',
      reference: 'pay_1',
      amountMinor: 300,
      currency: 'EUR',
    };
    const { ports, asked } = stage({ charge: answer, void: { ...answer, outcome: 'voided' } });
    const charged = { result: 'charged', reference: 'pay_1', amountMinor: 300, currency: 'EUR' };
    expect(await ports.payment.charge(request, LIMIT)).toEqual(charged);
    expect(await ports.payment.void(KEY, LIMIT)).toEqual({ result: 'voided' });
    expect(asked).toEqual([
      ['charge', request, { deadlineMs: 1_234 }],
      ['void', { key: KEY }, { deadlineMs: 1_234 }],
    ]);
  });
});
