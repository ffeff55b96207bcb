import type { LogInAnswer, Session } from '@everopen/contract/rest';
import { isCodedError } from '@everopen/core/errors';
import type { Caller } from './calls/caller.ts';
import type { ShopClient } from './shop-client.ts';

/** Accounts and sessions: the part that both clients share. */
export function createShopClient(caller: Caller): ShopClient {
  return {
    register: (body, options) => caller.call({ method: 'POST', path: '/v1/accounts', body }, options),
    logIn: async (body, options) => {
      const answer = await caller.call<LogInAnswer>({ method: 'POST', path: '/v1/sessions', body }, options);
      caller.useToken(answer.token);
      return answer;
    },
    logOut: async (options) => {
      try {
        await caller.call({ method: 'DELETE', path: '/v1/sessions/current' }, options);
      } catch (error) {
        // The session has ended already, perhaps by an attempt of this call whose answer was lost.
        if (!isCodedError(error, 'Unauthenticated')) throw error;
      }
      caller.useToken(undefined);
    },
    account: (options) => caller.call({ method: 'GET', path: '/v1/account' }, options),
    sessions: async (options) => {
      const { sessions } = await caller.call<{ sessions: Session[] }>(
        { method: 'GET', path: '/v1/sessions' },
        options,
      );
      return sessions;
    },
    endSession: (sessionNumber, options) =>
      caller.call({ method: 'DELETE', path: `/v1/sessions/${sessionNumber}` }, options),
    changePassword: (body, options) =>
      caller.call({ method: 'PUT', path: '/v1/account/password', body }, options),
    get state() {
      return caller.state;
    },
    close: () => caller.close(),
  };
}
