import type { CustomersServer } from '@everopen/contract/customers';
import type { ClientCalls } from '@everopen/rpc';

/** What accounts and sessions need of the customers database. */
export type CustomersCalls = Pick<
  ClientCalls<CustomersServer>,
  | 'createAccount'
  | 'getCredentials'
  | 'getAccount'
  | 'changePassword'
  | 'openSession'
  | 'checkSession'
  | 'touchSession'
  | 'closeSession'
  | 'listSessions'
  | 'endSession'
>;
