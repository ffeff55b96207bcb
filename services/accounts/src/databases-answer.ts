import { errorForm } from '@everopen/contract';
import { isCodedError } from '@everopen/core';
import type { Databases } from './shop-server.ts';

const DEADLINE_MS = 1_000;

/**
 * Resolves if both databases answer a linearizable read, so hold a majority; rejects with what is wrong.
 * A refusal is an answer: the item that is asked for need not exist.
 */
export async function databasesAnswer({ customers, products }: Databases): Promise<void> {
  const options = { deadlineMs: DEADLINE_MS };
  await Promise.all([
    answers(customers.getAccount({ accountId: 1 }, options)),
    answers(products.getItem({ itemId: 1 }, options)),
  ]);
}

async function answers(read: Promise<unknown>): Promise<void> {
  try {
    await read;
  } catch (error) {
    if (isCodedError(error) && errorForm(error.code).retry === 'never') return;
    throw error;
  }
}
