/** The customers database: accounts, sessions, carts, checkouts, purchase history, seller ratings. */
export { startCustomersDb, type CustomersDbConfig } from './start-customers-db.ts';
export { createCustomersMachine, type CustomersMachine } from './machine/customers-machine.ts';
