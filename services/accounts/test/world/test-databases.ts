import { CustomersService, type CustomersServer } from '@everopen/contract/customers';
import { ProductsService, type ProductsServer } from '@everopen/contract/products';
import { systemClock, type Clock } from '@everopen/core';
import { memoryStore, openReplica, type Replica, type StateMachine } from '@everopen/replica';
import { customersHandlers } from '../../../customers-db/src/api/customers-handlers.ts';
import { createCustomersMachine } from '../../../customers-db/src/machine/customers-machine.ts';
import { productsHandlers } from '../../../products-db/src/api/products-handlers.ts';
import { ProductsMachine } from '../../../products-db/src/machine/products-machine.ts';
import type { Databases } from '../../src/shop-server.ts';
import { inProcessCalls, type Fault } from './in-process-calls.ts';
import { memoryLog } from './memory-log.ts';

export interface TestDatabases extends Databases {
  readonly clock: Clock;
  /** Moves the clocks of databases and servers. */
  advance(ms: number): void;
  /** Fates of the next calls of a method, in order: `fail('addToCart', 'lost answer')`. */
  fail(method: string, ...faults: Fault[]): void;
  /** Every call that was made, in order. */
  readonly calls: string[];
  digest(): string;
  close(): Promise<void>;
}

/** Both databases for real, each one replica in memory, in this process. */
export async function openTestDatabases(): Promise<TestDatabases> {
  let aheadMs = 0;
  const clock: Clock = {
    ...systemClock,
    unixMs: () => Date.now() + aheadMs,
    monotonicMs: () => performance.now() + aheadMs,
  };
  const faults = new Map<string, Fault[]>();
  const calls: string[] = [];
  const faultOf = (method: string): Fault => {
    calls.push(method);
    return faults.get(method)?.shift();
  };
  const customersMachine = createCustomersMachine();
  const productsMachine = new ProductsMachine();
  const customersReplica = await open('customers', customersMachine, clock);
  const productsReplica = await open('products', productsMachine, clock);
  return {
    customers: inProcessCalls<CustomersServer>(
      CustomersService,
      customersHandlers(customersReplica, customersMachine.state),
      faultOf,
    ),
    products: inProcessCalls<ProductsServer>(
      ProductsService,
      productsHandlers(productsReplica, productsMachine.state),
      faultOf,
    ),
    clock,
    advance: (ms) => {
      aheadMs += ms;
    },
    fail: (method, ...next) => {
      faults.set(method, next);
    },
    calls,
    digest: () => customersMachine.tables.digest() + productsMachine.tables.digest(),
    close: async () => {
      await customersReplica.close();
      await productsReplica.close();
    },
  };
}

function open(cluster: string, machine: StateMachine, clock: Clock): Promise<Replica> {
  return openReplica({
    identity: { cluster, epoch: 1, member: 'a', members: ['a'] },
    machine,
    log: async () => memoryLog(),
    store: memoryStore,
    clock,
    onFatal: (error) => {
      throw error;
    },
  });
}
