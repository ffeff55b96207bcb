import type { Account as AccountMessage } from '@everopen/contract/customers';
import type { Account, ACCOUNT_ROUTES, LogInRequest, Role } from '@everopen/contract/rest';
import { CodedError, cryptoRandom, formatUuid, isCodedError, uuidV7, type Clock } from '@everopen/core';
import { sessionKeyOf, type RestCall, type RestHandlers, type SessionTokens } from '@everopen/rest';
import type { CustomersCalls } from './customers-calls.ts';
import { isCommonPassword } from './passwords/is-common-password.ts';
import type { PasswordHasher } from './passwords/password-hasher.ts';
import { ROLE_NUMBERS } from './role-numbers.ts';
import { sessionIdOf } from './session-id.ts';
import { asBuffer } from './session-store.ts';
import type { LoginThrottle } from './throttle/login-throttle.ts';

export interface AccountModules {
  readonly role: Role;
  readonly customers: CustomersCalls;
  readonly tokens: SessionTokens;
  readonly tokenSecret: string;
  readonly hasher: PasswordHasher;
  readonly throttle: LoginThrottle;
  readonly clock: Clock;
}

type Credentials = { accountId: number; passwordHash: string; passwordVersion: number };

/** Accounts and sessions of one role. */
export function accountHandlers(modules: AccountModules): RestHandlers<typeof ACCOUNT_ROUTES> {
  const { customers, tokens, tokenSecret, hasher, throttle, clock } = modules;
  const role = ROLE_NUMBERS[modules.role];
  const sessionOf = (call: { session: { sessionKey: Uint8Array } }) => ({
    sessionKey: asBuffer(call.session.sessionKey),
    role,
  });

  /** The account with this name and password. Unknown names and wrong passwords take and say the same. */
  async function checkPassword(
    call: AnyCall,
    { username, password }: Pick<LogInRequest, 'username' | 'password'>,
    isRight: (credentials: Credentials) => Promise<boolean>,
  ): Promise<Credentials> {
    const attempt = throttle.begin(username, call.address, clock.monotonicMs());
    try {
      const credentials = await findCredentials(call, username);
      const passes = await (credentials === undefined
        ? hasher.verifyNothing(password)
        : isRight(credentials));
      if (credentials === undefined || !passes) throw wrongCredentials();
      attempt.succeeded();
      return credentials;
    } catch (error) {
      if (!isCodedError(error, 'WrongCredentials')) attempt.withdraw();
      throw error;
    }
  }

  async function findCredentials(call: AnyCall, username: string): Promise<Credentials | undefined> {
    try {
      // The position is not noted: an answer with one would say that there is such an account.
      return (await customers.getCredentials({ role, username }, call.fresh())).response;
    } catch (error) {
      if (isCodedError(error, 'NotFound') || isCodedError(error, 'InvalidArgument')) return undefined;
      throw error;
    }
  }

  return {
    register: async (call) => {
      const { username, password, displayName } = call.body;
      refuseCommon('password', password, [username, displayName]);
      const context = `register\0${modules.role}\0${username}\0${call.key}`;
      const passwordHash = await hasher.hash(password, context);
      const request = { role, username, displayName, passwordHash };
      const account = await call.seen('customers', customers.createAccount(request, call.once()));
      return { status: 201, body: accountOf(account, modules.role) };
    },

    logIn: async (call) => {
      const { username, password, label = '' } = call.body;
      const { accountId, passwordVersion } = await checkPassword(call, call.body, ({ passwordHash }) =>
        hasher.verify(passwordHash, password),
      );
      const sessionId = sessionIdOf(tokenSecret, accountId, call.key);
      const session = await call.seen(
        'customers',
        customers.openSession(
          { accountId, role, passwordVersion, sessionKey: asBuffer(sessionKeyOf(sessionId)), label },
          {
            key: call.key ?? formatUuid(uuidV7(clock.unixMs(), cryptoRandom)),
            deadlineMs: call.remainingMs(),
          },
        ),
      );
      return {
        status: 201,
        body: {
          token: tokens.sign({ accountId, role: modules.role, sessionId }),
          accountId,
          role: modules.role,
          username,
          displayName: session.displayName,
          sessionNumber: session.sessionNumber,
        },
      };
    },

    logOut: async (call) => {
      await call.seen('customers', customers.closeSession(sessionOf(call), call.once()));
      return { status: 204, body: null };
    },

    listSessions: async (call) => {
      const { sessions } = await call.seen(
        'customers',
        customers.listSessions(sessionOf(call), call.fresh()),
      );
      return {
        status: 200,
        body: {
          sessions: sessions.map((session) => ({
            sessionNumber: session.sessionNumber,
            label: session.label,
            openedAt: new Date(session.openedAtUnixMs).toISOString(),
            lastActiveAt: new Date(session.lastActiveAtUnixMs).toISOString(),
            current: session.sessionNumber === call.session.sessionNumber,
          })),
        },
      };
    },

    endSession: async (call) => {
      const { sessionNumber } = call.params;
      const request = { ...sessionOf(call), sessionNumber };
      await call.seen('customers', customers.endSession(request, call.once()));
      return { status: 204, body: null };
    },

    changePassword: async (call) => {
      const { currentPassword, newPassword } = call.body;
      const { username, displayName, accountId } = call.session;
      refuseCommon('newPassword', newPassword, [username, displayName]);
      const passwordHash = await hasher.hash(newPassword, `change\0${accountId}\0${call.key}`);
      let passwordVersion = 0;
      await checkPassword(call, { username, password: currentPassword }, async (credentials) => {
        // The hash is this request's own: it has been executed, and this is its repeat. The password to
        // check against is gone; the request is sent as it was, and gets the answer that was remembered.
        const isRepeat = credentials.passwordHash === passwordHash;
        passwordVersion = isRepeat ? credentials.passwordVersion - 1 : credentials.passwordVersion;
        return isRepeat || hasher.verify(credentials.passwordHash, currentPassword);
      });
      const request = { ...sessionOf(call), passwordVersion, passwordHash };
      const { sessionsEnded } = await call.seen('customers', customers.changePassword(request, call.once()));
      return { status: 200, body: { sessionsEnded } };
    },

    account: async (call) => {
      const { accountId } = call.session;
      const account = await call.seen('customers', customers.getAccount({ accountId }, call.fresh()));
      return { status: 200, body: accountOf(account, modules.role) };
    },
  };
}

type AnyCall = Pick<RestCall<(typeof ACCOUNT_ROUTES)['logIn']>, 'address' | 'fresh'>;

function accountOf(account: AccountMessage, role: Role): Account {
  return {
    accountId: account.accountId,
    role,
    username: account.username,
    displayName: account.displayName,
    createdAt: new Date(account.createdAtUnixMs).toISOString(),
    ...(role === 'buyer' ? { itemsBought: account.itemsBought } : {}),
  };
}

function refuseCommon(field: string, password: string, own: readonly string[]): void {
  if (!isCommonPassword(password, own)) return;
  throw new CodedError('PasswordTooCommon', 'This password is among the first that anybody would try', {
    details: { field },
  });
}

function wrongCredentials(): CodedError {
  return new CodedError('WrongCredentials', 'There is no account with this username and password');
}
