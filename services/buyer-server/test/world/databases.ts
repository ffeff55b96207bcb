import {
  Account,
  AcknowledgeFeedbackResponse,
  Cart,
  Checkout,
  CustomersCommand,
  GiveFeedbackResponse,
  Session,
  type CustomersServer,
} from '@everopen/contract/customers';
import {
  CountFeedbackResponse,
  Item,
  ListItemResponse,
  Order,
  OrderState,
  ProductsCommand,
  type ProductsServer,
} from '@everopen/contract/products';
import { CodedError } from '@everopen/core';
import { createMachineHarness, type MachineHarness } from '@everopen/replica/testing';
import type { ClientCalls } from '@everopen/rpc';
import { getCart } from '../../../customers-db/src/machine/carts.ts';
import {
  endedView,
  listOpenCheckouts,
  openView,
  requireEnded,
} from '../../../customers-db/src/machine/checkouts.ts';
import { createCustomersMachine } from '../../../customers-db/src/machine/customers-machine.ts';
import type { CustomersState } from '../../../customers-db/src/machine/customers-state.ts';
import { listUndeliveredFeedback } from '../../../customers-db/src/machine/outbox.ts';
import { checkSessionOf } from '../../../customers-db/src/machine/sessions.ts';
import { orderMessage, tombstoneMessage } from '../../../products-db/src/machine/messages.ts';
import { ProductsMachine } from '../../../products-db/src/machine/products-machine.ts';
import type { ProductsState } from '../../../products-db/src/machine/products-state.ts';

type CustomersCase = NonNullable<CustomersCommand['command']>;
type ProductsCase = NonNullable<ProductsCommand['command']>;

/** A method of a gRPC interface, answered at once: a database without replicas, log and network. */
export type Answer<Calls, Method extends keyof Calls> = Calls[Method] extends (
  request: infer Request,
  options?: never,
) => Promise<{ response: infer Response }>
  ? (request: Request) => Response
  : never;
type Methods<Server, Names extends keyof ClientCalls<Server>> = {
  readonly [Method in Names]: Answer<ClientCalls<Server>, Method>;
};

export type CustomersMethods = Methods<
  CustomersServer,
  | 'checkSession'
  | 'beginCheckout'
  | 'abortCheckout'
  | 'recordPurchase'
  | 'getCheckout'
  | 'listOpenCheckouts'
  | 'listUndeliveredFeedback'
  | 'acknowledgeFeedback'
  | 'createAccount'
  | 'openSession'
  | 'addToCart'
  | 'clearCart'
  | 'getCart'
  | 'giveFeedback'
>;
export type ProductsMethods = Methods<
  ProductsServer,
  | 'placeOrder'
  | 'confirmOrder'
  | 'cancelOrder'
  | 'abortOrder'
  | 'markOrderRecorded'
  | 'getOrder'
  | 'listUnfinishedOrders'
  | 'countFeedback'
  | 'listItem'
  | 'changePrice'
  | 'removeUnits'
>;

export interface ShopDatabases {
  readonly customers: CustomersMethods;
  readonly products: ProductsMethods;
  readonly customersState: CustomersState;
  readonly productsState: ProductsState;
  readonly customersHarness: MachineHarness;
  readonly productsHarness: MachineHarness;
}

/** The real state machines of both databases. Each method happens at once and entirely, or is refused. */
export function createDatabases(nowUnixMs: () => number): ShopDatabases {
  const customersMachine = createCustomersMachine();
  const productsMachine = new ProductsMachine();
  const customersHarness = createMachineHarness(customersMachine);
  const productsHarness = createMachineHarness(productsMachine);
  const customersState = customersMachine.state;
  const productsState = productsMachine.state;

  const inCustomers = (command: CustomersCase): Uint8Array => {
    customersHarness.nowMs = nowUnixMs();
    return customersHarness.answer(CustomersCommand.encode({ command }).finish());
  };
  const inProducts = (command: ProductsCase): Uint8Array => {
    productsHarness.nowMs = nowUnixMs();
    return productsHarness.answer(ProductsCommand.encode({ command }).finish());
  };

  const customers: CustomersMethods = {
    checkSession: (value) => checkSessionOf(customersState, value, nowUnixMs()),
    beginCheckout: (value) => Checkout.decode(inCustomers({ $case: 'beginCheckout', value })),
    abortCheckout: (value) => Checkout.decode(inCustomers({ $case: 'abortCheckout', value })),
    recordPurchase: (value) => Checkout.decode(inCustomers({ $case: 'recordPurchase', value })),
    getCheckout: ({ checkoutKey }) => {
      const open = customersState.openCheckouts.get(checkoutKey);
      if (open !== undefined) return openView(customersState, open);
      return endedView(requireEnded(customersState, checkoutKey, nowUnixMs()), []);
    },
    listOpenCheckouts: ({ begunBeforeUnixMs, limit }) => ({
      checkouts: listOpenCheckouts(customersState, begunBeforeUnixMs, limit),
      logTimeUnixMs: nowUnixMs(),
    }),
    listUndeliveredFeedback: ({ limit }) => ({ feedback: listUndeliveredFeedback(customersState, limit) }),
    acknowledgeFeedback: (value) =>
      AcknowledgeFeedbackResponse.decode(inCustomers({ $case: 'acknowledgeFeedback', value })),
    createAccount: (value) => Account.decode(inCustomers({ $case: 'createAccount', value })),
    openSession: (value) => Session.decode(inCustomers({ $case: 'openSession', value })),
    addToCart: (value) => Cart.decode(inCustomers({ $case: 'addToCart', value })),
    clearCart: (value) => Cart.decode(inCustomers({ $case: 'clearCart', value })),
    getCart: (value) => getCart(customersState, value, nowUnixMs()),
    giveFeedback: (value) => GiveFeedbackResponse.decode(inCustomers({ $case: 'giveFeedback', value })),
  };
  const products: ProductsMethods = {
    placeOrder: (value) => Order.decode(inProducts({ $case: 'placeOrder', value })),
    confirmOrder: (value) => Order.decode(inProducts({ $case: 'confirmOrder', value })),
    cancelOrder: (value) => Order.decode(inProducts({ $case: 'cancelOrder', value })),
    abortOrder: (value) => Order.decode(inProducts({ $case: 'abortOrder', value })),
    markOrderRecorded: (value) => Order.decode(inProducts({ $case: 'markOrderRecorded', value })),
    getOrder: ({ orderKey }) => {
      const order = findOrder(productsState, orderKey);
      if (order === undefined) throw new CodedError('NotFound', 'There is no order with this key');
      return order;
    },
    listUnfinishedOrders: ({ limit }) => {
      const orders = [...productsState.orders.values()]
        .filter(({ state }) => state === OrderState.RESERVED || state === OrderState.PAID)
        .sort((a, b) => a.order_id - b.order_id);
      return { orders: orders.slice(0, limit).map(orderMessage), logTimeUnixMs: nowUnixMs() };
    },
    countFeedback: (value) => CountFeedbackResponse.decode(inProducts({ $case: 'countFeedback', value })),
    listItem: (value) => ListItemResponse.decode(inProducts({ $case: 'listItem', value })),
    removeUnits: (value) => Item.decode(inProducts({ $case: 'removeUnits', value })),
    changePrice: (value) => Item.decode(inProducts({ $case: 'changePrice', value })),
  };
  return { customers, products, customersState, productsState, customersHarness, productsHarness };
}

/** The order under a key, or its tombstone. */
export function findOrder(state: ProductsState, orderKey: string): Order | undefined {
  const [row] = state.ordersByKey.get(orderKey);
  if (row !== undefined) return orderMessage(row);
  const [tombstone] = state.tombstonesByKey.get(orderKey);
  return tombstone === undefined ? undefined : tombstoneMessage(orderKey, tombstone);
}
