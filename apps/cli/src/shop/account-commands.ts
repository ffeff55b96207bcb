import type { ShopClient } from '@everopen/client';
import { neutralise } from '../terminal/neutralise.ts';
import { renderTable } from '../terminal/table.ts';
import { integer, optional, secret, text } from './parameters.ts';
import { type ShopCommand, shopCommand, type ShopSession } from './shop-command.ts';

/** What sellers and buyers do with their accounts. */
export function accountCommands<Session extends ShopSession<ShopClient>>(): ShopCommand<Session>[] {
  return [
    shopCommand<Session, Awaited<ReturnType<ShopClient['register']>>>({
      name: 'create-account',
      summary: 'Create an account',
      parameters: [
        text('username', 'Username'),
        secret('password', 'Password (8 characters or more)'),
        text('display-name', 'Name that others see'),
      ],
      run: ({ client }, args) =>
        client.register({
          username: args.text('username'),
          password: args.text('password'),
          displayName: args.text('display-name'),
        }),
      render: ({ accountId, username }) => [
        `Account ${accountId} of ${neutralise(username)} is there; log in to use it.`,
      ],
    }),
    shopCommand<Session, Awaited<ReturnType<ShopClient['logIn']>>>({
      name: 'log-in',
      summary: 'Log in',
      parameters: [
        text('username', 'Username'),
        secret('password', 'Password'),
        optional(text('label', 'Name of this session')),
      ],
      run: async (session, args) => {
        const answer = await session.client.logIn({
          username: args.text('username'),
          password: args.text('password'),
          label: args.has('label') ? args.text('label') : 'everopen command',
        });
        session.username = answer.username;
        return answer;
      },
      render: ({ displayName, sessionNumber }) => [
        `Welcome, ${neutralise(displayName)} (session ${sessionNumber}).`,
      ],
    }),
    shopCommand<Session, null>({
      name: 'log-out',
      summary: 'Log out',
      run: async (session) => {
        await session.client.logOut();
        session.username = undefined;
        return null;
      },
      render: () => ['Logged out.'],
    }),
    shopCommand<Session, Awaited<ReturnType<ShopClient['account']>>>({
      name: 'account',
      summary: 'Show the own account',
      run: ({ client }) => client.account(),
      render: (account) => [
        `${neutralise(account.displayName)} (${neutralise(account.username)}), ${account.role} ${account.accountId}, since ${account.createdAt.slice(0, 10)}`,
        ...(account.itemsBought === undefined ? [] : [`${account.itemsBought} units bought`]),
      ],
    }),
    shopCommand<Session, Awaited<ReturnType<ShopClient['sessions']>>>({
      name: 'sessions',
      summary: 'List the own sessions',
      run: ({ client }) => client.sessions(),
      render: (sessions, style) =>
        renderTable(
          [{ title: 'SESSION', align: 'right' }, { title: 'OPENED' }, { title: 'ACTIVE' }, { title: 'NAME' }],
          sessions.map((session) => [
            String(session.sessionNumber),
            session.openedAt,
            session.lastActiveAt,
            `${neutralise(session.label)}${session.current ? ' (this one)' : ''}`,
          ]),
          { title: style.dim },
        ),
    }),
    shopCommand<Session, null>({
      name: 'end-session',
      summary: 'End a session of the own account',
      parameters: [integer('session', 'Number of the session')],
      run: async ({ client }, args) => {
        await client.endSession(args.integer('session'));
        return null;
      },
      render: () => ['The session is ended.'],
    }),
    shopCommand<Session, Awaited<ReturnType<ShopClient['changePassword']>>>({
      name: 'change-password',
      summary: 'Change the password; ends the other sessions',
      parameters: [secret('current', 'Password now'), secret('new', 'New password (8 characters or more)')],
      run: ({ client }, args) =>
        client.changePassword({ currentPassword: args.text('current'), newPassword: args.text('new') }),
      render: ({ sessionsEnded }) => [`The password is changed; other sessions ended: ${sessionsEnded}.`],
    }),
  ];
}
