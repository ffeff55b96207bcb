import type { ListItemAnswer, SellerItem } from '@everopen/contract/rest';
import { CodedError, type RunningService } from '@everopen/core';
import type { PaymentAnswer, PaymentClient } from '@everopen/payment';
import { logIn, testConfig, urlOf } from '../../../accounts/test/world/accounts-world.ts';
import { http } from '../../../accounts/test/world/http.ts';
import { openTestDatabases, type TestDatabases } from '../../../accounts/test/world/test-databases.ts';
import { watchedLogger } from '../../../accounts/test/world/watched-logger.ts';
import { startSellerServer } from '../../../seller-server/src/start-seller-server.ts';
import { startBuyerServer } from '../../src/start-buyer-server.ts';

export const GOOD_CARD = {
  holderName: 'Ada Lovelace',
  number: '4111 1111 1111 1111',
  expiryMonth: 12,
  expiryYear: new Date().getUTCFullYear() + 3,
  securityCode: '123',
};
export const DECLINED_CARD = { ...GOOD_CARD, number: '4000000000000002' };

export interface BuyersWorld {
  readonly databases: TestDatabases;
  readonly buyers: readonly [string, string];
  readonly seller: string;
  readonly payment: TestPayment;
  readonly errors: readonly unknown[];
  /** A new item of a new seller. */
  list(changes?: object): Promise<SellerItem>;
  close(): Promise<void>;
}

/** A ledger in memory: the first of charge and void wins for ever. */
export interface TestPayment extends Pick<PaymentClient, 'charge' | 'void' | 'close'> {
  available: boolean;
  readonly ledger: Map<string, PaymentAnswer>;
}

function testPayment(): TestPayment {
  const ledger = new Map<string, PaymentAnswer>();
  const decide = (key: string, answer: PaymentAnswer): PaymentAnswer => {
    if (!payment.available) throw new CodedError('PaymentUnavailable', 'Payment is away');
    const known = ledger.get(key) ?? answer;
    ledger.set(key, known);
    return known;
  };
  const payment: TestPayment = {
    available: true,
    ledger,
    charge: async ({ key, amountMinor, currency, card }) => {
      const outcome = card.number.endsWith('0002') ? 'declined' : 'charged';
      return decide(key, { outcome, reference: `ref-${key}`, amountMinor, currency });
    },
    void: async ({ key }) =>
      decide(key, { outcome: 'voided', reference: `ref-${key}`, amountMinor: 0, currency: 'XXX' }),
    close: async () => {},
  };
  return payment;
}

export async function openBuyersWorld(): Promise<BuyersWorld> {
  const databases = await openTestDatabases();
  const logger = watchedLogger();
  const payment = testPayment();
  const config = {
    ...testConfig(databases, logger),
    paymentUrl: 'http://127.0.0.1:1/payment',
    purchase: { answerWithinMs: 600, sweepPauseMs: 100_000 },
  };
  const modules = { customers: databases.customers, products: databases.products, payment };
  const servers: RunningService[] = [
    await startBuyerServer(config, modules),
    await startBuyerServer(config, modules),
    await startSellerServer(config, databases),
  ];
  const [first = '', second = '', seller = ''] = servers.map(urlOf);
  let sellers = 0;
  return {
    databases,
    buyers: [first, second],
    seller,
    payment,
    errors: logger.errors,
    list: async (changes = {}) => {
      const token = await logIn(seller, `seller-${++sellers}`);
      const body = {
        name: 'Brass lamp',
        category: 4,
        keywords: ['lamp'],
        condition: 'used',
        priceMinor: 1299,
        quantity: 10,
        ...changes,
      };
      const answer = await http<ListItemAnswer>(seller, 'POST', '/v1/items', { token, body });
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
      return answer.body.item;
    },
    close: async () => {
      for (const server of servers) await server.stop();
      await databases.close();
    },
  };
}
