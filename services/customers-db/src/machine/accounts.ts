import { CodedError } from '@everopen/core';
import {
  Role,
  type Account,
  type CreateAccountRequest,
  type Credentials,
} from '@everopen/contract/customers';
import type { AccountRow } from '../schema/accounts-table.ts';
import { nextNumber } from './counters.ts';
import type { CustomersState } from './customers-state.ts';
import { notFound } from './refusals.ts';

export function createAccount(state: CustomersState, request: CreateAccountRequest, nowMs: number): Account {
  if (accountNamed(state, request.role, request.username) !== undefined) {
    throw new CodedError('UsernameTaken', 'Somebody has this username', { details: { field: 'username' } });
  }
  const account: AccountRow = {
    account_id: nextNumber(state, 'account'),
    role: request.role,
    username: request.username,
    display_name: request.displayName,
    password_hash: request.passwordHash,
    password_version: 1,
    created_at_ms: nowMs,
    items_bought: 0,
  };
  state.accounts.put(account);
  return accountView(account);
}

/** A login or a change of password that raced another change is refused like a wrong password. */
export function checkPasswordVersion(account: AccountRow, passwordVersion: number): void {
  if (account.password_version !== passwordVersion) {
    throw new CodedError('WrongCredentials', 'The password has been changed meanwhile');
  }
}

export function countBoughtItems(state: CustomersState, buyerId: number, units: number): void {
  const account = accountOf(state, buyerId);
  state.accounts.put({ ...account, items_bought: account.items_bought + units });
}

export function getAccount(state: CustomersState, accountId: number): Account {
  const account = state.accounts.get(accountId);
  if (account === undefined) throw notFound('account_id', 'account');
  return accountView(account);
}

export function getCredentials(state: CustomersState, role: Role, username: string): Credentials {
  const account = accountNamed(state, role, username);
  if (account === undefined) throw notFound('username', 'account');
  return {
    accountId: account.account_id,
    passwordHash: account.password_hash,
    passwordVersion: account.password_version,
  };
}

/** The account of a row that names it; accounts are never deleted. */
export function accountOf(state: CustomersState, accountId: number): AccountRow {
  const account = state.accounts.get(accountId);
  if (account === undefined) throw new Error(`Account ${accountId} has a session or a checkout but no row`);
  return account;
}

function accountNamed(state: CustomersState, role: Role, username: string): AccountRow | undefined {
  const index = role === Role.SELLER ? state.sellerByUsername : state.buyerByUsername;
  return index.get(username)[0];
}

function accountView(account: AccountRow): Account {
  return {
    accountId: account.account_id,
    role: account.role as Role,
    username: account.username,
    displayName: account.display_name,
    createdAtUnixMs: account.created_at_ms,
    itemsBought: account.items_bought,
  };
}
