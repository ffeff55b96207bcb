import type {
  CallingOff,
  CustomersPort,
  PaymentPort,
  ProductsPort,
  PurchasePorts,
} from '../../src/purchase/ports.ts';
import type { Checkout, ExpectedLine, Order } from '../../src/purchase/purchase-types.ts';

export const KEY = '01890a5d-ac96-774b-bcce-b302099a8057';
export const LINES: readonly ExpectedLine[] = [
  { itemId: 7, quantity: 2, unitPriceMinor: 150, currency: 'EUR' },
];
export const CARD = {
  holderName: 'Ada Lovelace',
  number: '4111111111111111',
  expiryMonth: 12,
  expiryYear: 2040,
  securityCode: '123',
};

export function aCheckout(change: Partial<Checkout> = {}): Checkout {
  return { checkoutKey: KEY, buyerId: 3, state: 'open', lines: LINES, begunAtUnixMs: 1_000, ...change };
}

export function anOrder(change: Partial<Order> = {}): Order {
  const isPaid = change.state === 'paid' || change.state === 'recorded';
  return {
    orderId: 9,
    orderKey: KEY,
    buyerId: 3,
    state: 'reserved',
    lines: LINES.map((line) => ({ ...line, sellerId: 1, name: 'a lamp' })),
    totalMinor: 300,
    currency: 'EUR',
    placedAtUnixMs: 2_000,
    paymentReference: isPaid ? 'pay_1' : '',
    cancelReason: '',
    cancelDetails: '',
    ...change,
  };
}

const kept = ({ reason, reasonDetails }: CallingOff): Partial<Order> => ({
  cancelReason: reason,
  cancelDetails: reasonDetails,
});

/** What the products database answers to the first `abortOrder` of a key, and to each one after it. */
export function tombstone(first: CallingOff): Order {
  return anOrder({ state: 'cancelled', orderId: 0, buyerId: 0, lines: [], ...kept(first) });
}

interface Overrides {
  readonly customers?: Partial<CustomersPort>;
  readonly products?: Partial<ProductsPort>;
  readonly payment?: Partial<PaymentPort>;
}

/** Ports through which every step goes well at once; a test changes those it is about. Calls are noted by name. */
export function fakePorts(overrides: Overrides = {}): PurchasePorts & { readonly calls: string[] } {
  const calls: string[] = [];
  const noting = <Port extends object>(port: Port, changes: Partial<Port> | undefined): Port =>
    Object.fromEntries(
      Object.entries({ ...port, ...changes }).map(([name, method]) => [
        name,
        (...parameters: unknown[]) => {
          calls.push(name);
          return (method as (...all: unknown[]) => unknown)(...parameters);
        },
      ]),
    ) as Port;
  const customers: CustomersPort = {
    checkBuyerSession: async () => ({ buyerId: 3 }),
    beginCheckout: async () => aCheckout(),
    abortCheckout: async () => aCheckout({ state: 'aborted' }),
    recordPurchase: async () => aCheckout({ state: 'recorded' }),
    getCheckout: async () => aCheckout(),
    listOpenCheckouts: async () => ({ checkouts: [], logTimeUnixMs: 0 }),
    listUndeliveredFeedback: async () => [],
    acknowledgeFeedback: async () => {},
  };
  const products: ProductsPort = {
    placeOrder: async () => anOrder(),
    confirmOrder: async () => anOrder({ state: 'paid' }),
    cancelOrder: async (request) => anOrder({ state: 'cancelled', ...kept(request) }),
    abortOrder: async (request) => tombstone(request),
    markOrderRecorded: async () => anOrder({ state: 'recorded' }),
    getOrder: async () => anOrder(),
    listUnfinishedOrders: async () => ({ orders: [], logTimeUnixMs: 0 }),
    countFeedback: async () => {},
  };
  const payment: PaymentPort = {
    charge: async ({ amountMinor, currency }) => ({
      result: 'charged',
      reference: 'pay_1',
      amountMinor,
      currency,
    }),
    void: async () => ({ result: 'voided' }),
  };
  return {
    calls,
    customers: noting(customers, overrides.customers),
    products: noting(products, overrides.products),
    payment: noting(payment, overrides.payment),
  };
}
