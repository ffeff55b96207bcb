import type { CustomersCommand } from '@everopen/contract/customers';
import * as check from './check-requests.ts';

export type Command = NonNullable<CustomersCommand['command']>;
type RequestOf<Case> = Extract<Command, { $case: Case }>['value'];

const CHECKS: { readonly [Case in Command['$case']]: (request: RequestOf<Case>) => void } = {
  createAccount: check.checkCreateAccount,
  changePassword: check.checkChangePassword,
  openSession: check.checkOpenSession,
  touchSession: check.checkSession,
  closeSession: check.checkSession,
  endSession: check.checkEndSession,
  addToCart: check.checkCartChange,
  removeFromCart: check.checkCartChange,
  setCartLine: check.checkSetCartLine,
  clearCart: check.checkBuyerSession,
  beginCheckout: check.checkBeginCheckout,
  abortCheckout: check.checkCheckout,
  recordPurchase: check.checkRecordPurchase,
  giveFeedback: check.checkGiveFeedback,
  acknowledgeFeedback: check.checkAcknowledgeFeedback,
};

/** What each command must be by itself, whatever the state: `InvalidArgument` with the field's name. */
export function checkCommand(command: Command): void {
  const checkRequest = CHECKS[command.$case] as (request: Command['value']) => void;
  checkRequest(command.value);
}
