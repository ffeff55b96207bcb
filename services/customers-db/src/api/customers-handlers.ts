import { createHash } from 'node:crypto';
import { toHex } from '@everopen/core';
import type { ChangeCartRequest, CustomersServer } from '@everopen/contract/customers';
import type { Replica } from '@everopen/replica';
import { replicaStatusMessage, replicatedCalls, type CallContext, type ServiceHandlers } from '@everopen/rpc';
import { getAccount, getCredentials } from '../machine/accounts.ts';
import { getCart } from '../machine/carts.ts';
import type { CustomersState } from '../machine/customers-state.ts';
import { listUndeliveredFeedback } from '../machine/outbox.ts';
import { getSellerRating } from '../machine/seller-ratings.ts';
import { checkSessionOf, listSessions } from '../machine/sessions.ts';
import { checkId } from '../validation/check-integer.ts';
import {
  checkBuyerSession,
  checkGetCredentials,
  checkLimit,
  checkSession,
} from '../validation/check-requests.ts';
import type { Command } from '../validation/check-command.ts';
import { abortCheckout, getCheckout, listOpenCheckouts, recordPurchase } from './checkout-calls.ts';
import { encodeCommand } from './encode-command.ts';
import { listPurchases, streamPurchases } from './read-history.ts';
import { requireNormalForm } from './require-normal-form.ts';

type RequestOf<Case> = Extract<Command, { $case: Case }>['value'];
/** Session time must be close to the clock's, also when nothing was written for a while. */
const FRESH_TIME = { freshTime: true };

/**
 * The gRPC interface of the customers database: every method is a write under an idempotency key, a step
 * that is idempotent by itself, or a read. Requests are checked before they cost anybody anything.
 */
export function customersHandlers(replica: Replica, state: CustomersState): ServiceHandlers<CustomersServer> {
  const calls = replicatedCalls(replica);

  /** Whose memory of answers a write under this session uses. A hint: the state machine checks the session. */
  const ownerOfSession = ({ sessionKey }: { sessionKey: Uint8Array }): string => {
    const session = state.sessions.get(toHex(sessionKey));
    return session === undefined ? 'unknown session' : `account ${session.account_id}`;
  };
  const command =
    <Case extends Command['$case']>($case: Case) =>
    (value: RequestOf<Case>): Uint8Array =>
      encodeCommand({ $case, value } as Command);
  /** The stock that the server saw is looked up anew for each repeat: it does not make another request. */
  const withoutHint =
    ($case: 'addToCart' | 'setCartLine') =>
    (value: ChangeCartRequest): Uint8Array =>
      command($case)({ ...value, available: 0 });

  return {
    createAccount: calls.write(
      (request) => {
        const encoded = encodeCommand({ $case: 'createAccount', value: request });
        requireNormalForm('username', request.username);
        requireNormalForm('display_name', request.displayName);
        return encoded;
      },
      // There is no account yet whose quota it could be.
      ({ username }) => `new account ${createHash('sha256').update(username).digest('base64url')}`,
    ),
    getCredentials: checked(
      checkGetCredentials,
      calls.read(({ role, username }) => getCredentials(state, role, username)),
    ),
    getAccount: checked(
      ({ accountId }) => checkId('account_id', accountId),
      calls.read(({ accountId }) => getAccount(state, accountId)),
    ),
    changePassword: calls.write(command('changePassword'), ownerOfSession),

    openSession: calls.write(
      (request) => {
        const encoded = encodeCommand({ $case: 'openSession', value: request });
        requireNormalForm('label', request.label);
        return encoded;
      },
      ({ accountId }) => `account ${accountId}`,
    ),
    checkSession: checked(
      checkSession,
      calls.read((request, { nowMs }) => checkSessionOf(state, request, nowMs), FRESH_TIME),
    ),
    touchSession: calls.write(command('touchSession'), ownerOfSession),
    closeSession: calls.write(command('closeSession'), ownerOfSession),
    listSessions: checked(
      checkSession,
      calls.read((request, { nowMs }) => ({ sessions: listSessions(state, request, nowMs) }), FRESH_TIME),
    ),
    endSession: calls.write(command('endSession'), ownerOfSession),

    getCart: checked(
      checkBuyerSession,
      calls.read((request, { nowMs }) => getCart(state, request, nowMs), FRESH_TIME),
    ),
    addToCart: calls.write(command('addToCart'), ownerOfSession, withoutHint('addToCart')),
    removeFromCart: calls.write(command('removeFromCart'), ownerOfSession),
    setCartLine: calls.write(command('setCartLine'), ownerOfSession, withoutHint('setCartLine')),
    clearCart: calls.write(command('clearCart'), ownerOfSession),

    beginCheckout: calls.step(command('beginCheckout')),
    abortCheckout: abortCheckout(replica, calls.step(command('abortCheckout'))),
    recordPurchase: recordPurchase(replica, calls.step(command('recordPurchase'))),
    getCheckout: (request, call) => getCheckout(replica, state, request, call),
    listOpenCheckouts: (request, call) => listOpenCheckouts(replica, state, request, call),

    listPurchases: (request, call) => listPurchases(replica, state, request, call),
    giveFeedback: calls.write(command('giveFeedback'), ownerOfSession),
    getSellerRating: checked(
      ({ sellerId }) => checkId('seller_id', sellerId),
      calls.read(({ sellerId }) => getSellerRating(state, sellerId)),
    ),
    listUndeliveredFeedback: checked(
      ({ limit }) => checkLimit(limit),
      calls.read(({ limit }) => ({ feedback: listUndeliveredFeedback(state, limit) })),
    ),
    acknowledgeFeedback: calls.step(command('acknowledgeFeedback')),

    getStatus: async (_request, call) => {
      const status = replicaStatusMessage(replica);
      call.setPosition(status.position);
      return status;
    },
    streamPurchases: (request, call) => streamPurchases(replica, request, call),
  };
}

/** A read whose request is checked before a read point is asked for. */
function checked<Request, Response>(
  check: (request: Request) => void,
  handler: (request: Request, call: CallContext) => Promise<Response>,
): (request: Request, call: CallContext) => Promise<Response> {
  return async (request, call) => {
    check(request);
    return handler(request, call);
  };
}
