import { CustomersService, type CustomersServer } from '@everopen/contract/customers';
import { ProductsService, type ProductsServer } from '@everopen/contract/products';
import { createPaymentClient, type LedgerEntry, type PaymentClient } from '@everopen/payment';
import { connectGrpc, type GrpcClient } from '@everopen/rpc';
import type { Books, ReplicaState } from './books.ts';

export interface AuditTarget {
  /** "host:port" of every replica. */
  readonly customersDb: readonly string[];
  readonly productsDb: readonly string[];
  readonly paymentUrl: string;
  readonly clusterKey: string;
}

export interface BooksReader {
  read(): Promise<Books>;
  close(): Promise<void>;
}

const LEDGER_PAGE = 100;
const STREAM_DEADLINE_MS = 120_000;

/** Reads the books of a running marketplace, through the same interfaces as everybody else. */
export function booksReader(target: AuditTarget): BooksReader {
  const { clusterKey } = target;
  const customers: GrpcClient<CustomersServer> = connectGrpc({
    addresses: target.customersDb,
    service: CustomersService,
    clusterKey,
  });
  const products: GrpcClient<ProductsServer> = connectGrpc({
    addresses: target.productsDb,
    service: ProductsService,
    clusterKey,
  });
  const payment = createPaymentClient({ url: target.paymentUrl, clusterKey });
  const options = { deadlineMs: STREAM_DEADLINE_MS };
  return {
    read: async () => {
      // The order matters: see `Books`.
      const purchases = await collect(customers.streamPurchases({ afterOrderId: 0 }, options));
      const orders = await collect(products.streamOrders({ afterOrderId: 0 }, options));
      const items = await collect(products.streamItems({ afterItemId: 0 }, options));
      const ledger = await readLedger(payment);
      return { purchases, orders, items, ledger, replicas: await readReplicas(target) };
    },
    close: async () => {
      customers.close();
      products.close();
      await payment.close();
    },
  };
}

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const message of stream) all.push(message);
  return all;
}

async function readLedger(payment: PaymentClient): Promise<LedgerEntry[]> {
  const all: LedgerEntry[] = [];
  for (;;) {
    const page = await payment.listEntries(all.at(-1)?.number ?? 0, LEDGER_PAGE);
    all.push(...page);
    if (page.length < LEDGER_PAGE) return all;
  }
}

async function readReplicas({ customersDb, productsDb, clusterKey }: AuditTarget): Promise<ReplicaState[]> {
  const statusOf = async (database: ReplicaState['database'], address: string): Promise<ReplicaState[]> => {
    const service = database === 'customers' ? CustomersService : ProductsService;
    const client: GrpcClient<CustomersServer> = connectGrpc({ addresses: [address], service, clusterKey });
    try {
      const { response } = await client.getStatus({}, { deadlineMs: 2_000 });
      return [{ database, address, applied: response.applied, digest: response.digest }];
    } catch {
      // A replica that is down has nothing to compare; the others still must agree.
      return [];
    } finally {
      client.close();
    }
  };
  const all = await Promise.all([
    ...customersDb.map((address) => statusOf('customers', address)),
    ...productsDb.map((address) => statusOf('products', address)),
  ]);
  return all.flat();
}
