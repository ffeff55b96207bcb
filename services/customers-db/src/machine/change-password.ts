import type { ChangePasswordRequest, ChangePasswordResponse } from '@everopen/contract/customers';
import { accountOf, checkPasswordVersion } from './accounts.ts';
import type { CustomersState } from './customers-state.ts';
import { endSessionsExcept, useSession } from './sessions.ts';

/**
 * The caller has verified the old password against the hash of `password_version`; if another change came
 * between, that was not the password any more. Every other session of the account ends.
 */
export function changePassword(
  state: CustomersState,
  request: ChangePasswordRequest,
  nowMs: number,
): ChangePasswordResponse {
  const session = useSession(state, request.sessionKey, request.role, nowMs);
  const account = accountOf(state, session.account_id);
  checkPasswordVersion(account, request.passwordVersion);
  state.accounts.put({
    ...account,
    password_hash: request.passwordHash,
    password_version: account.password_version + 1,
  });
  return { sessionsEnded: endSessionsExcept(state, session, nowMs) };
}
