import { toHex } from '@everopen/core';
import { LIMITS } from '@everopen/contract';
import type {
  CloseSessionResponse,
  EndSessionRequest,
  OpenSessionRequest,
  Role,
  Session,
  SessionRequest,
} from '@everopen/contract/customers';
import type { SessionRow } from '../schema/sessions-table.ts';
import { invalidArgument } from '../validation/invalid-argument.ts';
import { accountOf, checkPasswordVersion } from './accounts.ts';
import { nextNumber } from './counters.ts';
import type { CustomersState } from './customers-state.ts';
import { notFound, unauthenticated } from './refusals.ts';

/**
 * Activity is stamped at most every `sessionStampMs`, so a stamp may be that much older than the last
 * activity. Waiting for both together, no session ends before 5:00 of idleness, and each has ended at 5:30.
 */
const ENDS_AFTER_STAMP_MS = LIMITS.sessionIdleMs + LIMITS.sessionStampMs;

/** True once the session has been idle for too long, whether or not its row is still there. */
export function hasEnded(session: SessionRow, nowMs: number): boolean {
  return nowMs - session.last_active_at_ms >= ENDS_AFTER_STAMP_MS;
}

/** The live session with this key and role; anything else is `Unauthenticated`. Changes nothing. */
export function requireSession(
  state: CustomersState,
  sessionKey: Uint8Array,
  role: Role,
  nowMs: number,
): SessionRow {
  const session = state.sessions.get(toHex(sessionKey));
  if (session === undefined || hasEnded(session, nowMs)) throw unauthenticated();
  if (state.accounts.get(session.account_id)?.role !== role) throw unauthenticated();
  return session;
}

/** The same, for commands: being used is activity, and is stamped when that is due. */
export function useSession(
  state: CustomersState,
  sessionKey: Uint8Array,
  role: Role,
  nowMs: number,
): SessionRow {
  const session = requireSession(state, sessionKey, role, nowMs);
  if (!isTouchDue(session, nowMs)) return session;
  const stamped: SessionRow = {
    ...session,
    last_active_at_ms: nowMs,
    stamp_number: nextNumber(state, 'sessionStamp'),
  };
  state.sessions.put(stamped);
  return stamped;
}

/** Opens a session; an account with too many loses the one that was idle for longest: a login never fails. */
export function openSession(state: CustomersState, request: OpenSessionRequest, nowMs: number): Session {
  const account = state.accounts.get(request.accountId);
  if (account === undefined || account.role !== request.role) throw notFound('account_id', 'account');
  checkPasswordVersion(account, request.passwordVersion);
  const sessionKey = toHex(request.sessionKey);
  if (state.sessions.get(sessionKey) !== undefined) {
    throw invalidArgument('session_key', 'names a session already');
  }
  makeRoom(state, request.accountId);
  const session: SessionRow = {
    session_key: sessionKey,
    session_number: nextNumber(state, 'session'),
    account_id: request.accountId,
    opened_at_ms: nowMs,
    last_active_at_ms: nowMs,
    stamp_number: nextNumber(state, 'sessionStamp'),
    label: request.label,
  };
  state.sessions.put(session);
  return sessionView(state, session, nowMs);
}

export function touchSession(state: CustomersState, request: SessionRequest, nowMs: number): Session {
  return sessionView(state, useSession(state, request.sessionKey, request.role, nowMs), nowMs);
}

export function closeSession(
  state: CustomersState,
  request: SessionRequest,
  nowMs: number,
): CloseSessionResponse {
  const session = requireSession(state, request.sessionKey, request.role, nowMs);
  state.sessions.delete(session.session_key);
  return {};
}

/** Ends a session of the same account by its public number; it may be the caller's own. */
export function endSession(
  state: CustomersState,
  request: EndSessionRequest,
  nowMs: number,
): CloseSessionResponse {
  const own = useSession(state, request.sessionKey, request.role, nowMs);
  const target = liveSessions(state, own.account_id, nowMs).find(
    (session) => session.session_number === request.sessionNumber,
  );
  if (target === undefined) throw notFound('session_number', 'session');
  state.sessions.delete(target.session_key);
  return {};
}

/** Ends all other sessions of the same account; answers how many were still alive. */
export function endSessionsExcept(state: CustomersState, own: SessionRow, nowMs: number): number {
  let ended = 0;
  for (const session of state.sessionsOfAccount.get(own.account_id)) {
    if (session.session_key === own.session_key) continue;
    if (!hasEnded(session, nowMs)) ended++;
    state.sessions.delete(session.session_key);
  }
  return ended;
}

export function checkSessionOf(state: CustomersState, request: SessionRequest, nowMs: number): Session {
  return sessionView(state, requireSession(state, request.sessionKey, request.role, nowMs), nowMs);
}

/** The account's live sessions, newest first. */
export function listSessions(state: CustomersState, request: SessionRequest, nowMs: number): Session[] {
  const own = requireSession(state, request.sessionKey, request.role, nowMs);
  return liveSessions(state, own.account_id, nowMs)
    .sort((a, b) => b.session_number - a.session_number)
    .map((session) => sessionView(state, session, nowMs));
}

function makeRoom(state: CustomersState, accountId: number): void {
  const sessions = [...state.sessionsOfAccount.get(accountId)].sort(
    (a, b) => a.stamp_number - b.stamp_number,
  );
  const tooMany = sessions.length + 1 - LIMITS.sessionsPerAccount;
  for (const session of sessions.slice(0, Math.max(0, tooMany))) state.sessions.delete(session.session_key);
}

function liveSessions(state: CustomersState, accountId: number, nowMs: number): SessionRow[] {
  return state.sessionsOfAccount.get(accountId).filter((session) => !hasEnded(session, nowMs));
}

function isTouchDue(session: SessionRow, nowMs: number): boolean {
  return nowMs - session.last_active_at_ms >= LIMITS.sessionStampMs;
}

function sessionView(state: CustomersState, session: SessionRow, nowMs: number): Session {
  const account = accountOf(state, session.account_id);
  return {
    sessionNumber: session.session_number,
    accountId: session.account_id,
    role: account.role as Role,
    openedAtUnixMs: session.opened_at_ms,
    lastActiveAtUnixMs: session.last_active_at_ms,
    label: session.label,
    touchDue: isTouchDue(session, nowMs),
    username: account.username,
    displayName: account.display_name,
  };
}
