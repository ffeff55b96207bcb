import { z } from 'zod';
import { amount, decimalNumber, idField, moment } from './number-fields.ts';
import {
  displayNameField,
  givenPasswordField,
  newPasswordField,
  sessionLabelField,
  usernameField,
} from './text-fields.ts';

export const roleSchema = z.enum(['seller', 'buyer']);

export const registerRequest = z
  .strictObject({
    username: usernameField,
    password: newPasswordField,
    displayName: displayNameField,
  })
  .meta({ id: 'RegisterRequest' });

export const accountAnswer = z
  .object({
    accountId: idField,
    role: roleSchema,
    username: z.string(),
    displayName: z.string(),
    createdAt: moment,
    itemsBought: amount.optional().meta({ description: 'Buyers: units in finished purchases' }),
  })
  .meta({ id: 'Account' });

export const logInRequest = z
  .strictObject({
    username: z.string().max(256, 'Is longer than any username').meta({ example: 'ada' }),
    password: givenPasswordField,
    label: sessionLabelField.optional(),
  })
  .meta({ id: 'LogInRequest' });

export const sessionAnswer = z
  .object({
    sessionNumber: idField,
    label: z.string(),
    openedAt: moment,
    lastActiveAt: moment.meta({ description: 'Kept to within half a minute' }),
    current: z.boolean().meta({ description: 'The session of this request' }),
  })
  .meta({ id: 'Session' });

export const logInAnswer = z
  .object({
    token: z.string().meta({ description: 'Send it as `Authorization: Bearer …`' }),
    accountId: idField,
    role: roleSchema,
    username: z.string(),
    displayName: z.string(),
    sessionNumber: idField,
  })
  .meta({ id: 'LogInAnswer' });

export const sessionsAnswer = z.object({ sessions: z.array(sessionAnswer) }).meta({ id: 'Sessions' });
export const sessionInPath = z.strictObject({ sessionNumber: decimalNumber(1, Number.MAX_SAFE_INTEGER) });

export const changePasswordRequest = z
  .strictObject({ currentPassword: givenPasswordField, newPassword: newPasswordField })
  .meta({ id: 'ChangePasswordRequest' });
export const changePasswordAnswer = z
  .object({ sessionsEnded: amount.meta({ description: 'Other sessions of the account' }) })
  .meta({ id: 'ChangePasswordAnswer' });

export type Role = z.infer<typeof roleSchema>;
export type RegisterRequest = z.infer<typeof registerRequest>;
export type Account = z.infer<typeof accountAnswer>;
export type LogInRequest = z.infer<typeof logInRequest>;
export type LogInAnswer = z.infer<typeof logInAnswer>;
export type Session = z.infer<typeof sessionAnswer>;
export type Sessions = z.infer<typeof sessionsAnswer>;
export type ChangePasswordRequest = z.infer<typeof changePasswordRequest>;
export type ChangePasswordAnswer = z.infer<typeof changePasswordAnswer>;
