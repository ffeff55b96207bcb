import { LIMITS } from '@everopen/contract';
import {
  Role,
  type AcknowledgeFeedbackRequest,
  type BeginCheckoutRequest,
  type ChangeCartRequest,
  type ChangePasswordRequest,
  type CheckoutKeyRequest,
  type CreateAccountRequest,
  type EndSessionRequest,
  type GetCredentialsRequest,
  type GiveFeedbackRequest,
  type OpenSessionRequest,
  type RecordPurchaseRequest,
  type SessionRequest,
} from '@everopen/contract/customers';
import { checkCheckoutKey } from './check-checkout-key.ts';
import { checkId, checkInteger } from './check-integer.ts';
import { checkLines } from './check-lines.ts';
import { checkPasswordHash } from './check-password-hash.ts';
import { checkRole } from './check-role.ts';
import { checkSessionKey } from './check-session-key.ts';
import { checkText } from './check-text.ts';
import { invalidArgument } from './invalid-argument.ts';

/*
 * What each request must be by itself, whatever the state. The API checks a request before it goes to the
 * log, and the state machine checks it again, because a log may hold what another version let through.
 * Everything throws `InvalidArgument` with the field's name.
 */

const PAYMENT_REFERENCE_MAX_CHARS = 128;

export function checkCreateAccount(request: CreateAccountRequest): void {
  checkRole(request.role);
  checkText('username', request.username, 1, LIMITS.usernameMaxChars);
  checkPasswordHash(request.passwordHash);
  checkText('display_name', request.displayName, 1, LIMITS.displayNameMaxChars);
}

export function checkGetCredentials(request: GetCredentialsRequest): void {
  checkRole(request.role);
  checkText('username', request.username, 1, LIMITS.usernameMaxChars);
}

export function checkChangePassword(request: ChangePasswordRequest): void {
  checkSession(request);
  checkId('password_version', request.passwordVersion);
  checkPasswordHash(request.passwordHash);
}

export function checkOpenSession(request: OpenSessionRequest): void {
  checkId('account_id', request.accountId);
  checkSession(request);
  checkId('password_version', request.passwordVersion);
  checkText('label', request.label, 0, LIMITS.sessionLabelMaxChars);
}

export function checkSession(request: SessionRequest): void {
  checkSessionKey(request.sessionKey);
  checkRole(request.role);
}

export function checkEndSession(request: EndSessionRequest): void {
  checkSession(request);
  checkId('session_number', request.sessionNumber);
}

/** A session of the one role that has carts, history and feedback. */
export function checkBuyerSession(request: SessionRequest): void {
  checkSession(request);
  if (request.role !== Role.BUYER)
    throw invalidArgument('role', 'must be ROLE_BUYER: only buyers have carts');
}

/** Adding or removing units: at least one. */
export function checkCartChange(request: ChangeCartRequest): void {
  checkSessionKey(request.sessionKey);
  checkId('item_id', request.itemId);
  checkInteger('quantity', request.quantity, 1, LIMITS.unitsPerCartLine);
}

/** Setting a line: 0 removes it. */
export function checkSetCartLine(request: ChangeCartRequest): void {
  checkSessionKey(request.sessionKey);
  checkId('item_id', request.itemId);
  checkInteger('quantity', request.quantity, 0, LIMITS.unitsPerCartLine);
}

export function checkBeginCheckout(request: BeginCheckoutRequest): void {
  checkCheckoutKey(request.checkoutKey);
  checkSessionKey(request.sessionKey);
  checkLines(request.lines);
}

export function checkCheckout(request: CheckoutKeyRequest): void {
  checkCheckoutKey(request.checkoutKey);
}

export function checkRecordPurchase(request: RecordPurchaseRequest): void {
  checkCheckoutKey(request.checkoutKey);
  checkId('order_id', request.orderId);
  if (request.lines.length === 0) throw invalidArgument('lines', 'must not be empty');
  checkLines(request.lines);
  for (const [index, line] of request.lines.entries()) {
    checkId(`lines[${index}].seller_id`, line.sellerId);
    checkText(`lines[${index}].name`, line.name, 1, LIMITS.itemNameMaxChars);
  }
  checkText('payment_reference', request.paymentReference, 1, PAYMENT_REFERENCE_MAX_CHARS);
}

export function checkGiveFeedback(request: GiveFeedbackRequest): void {
  checkSessionKey(request.sessionKey);
  checkId('item_id', request.itemId);
}

export function checkAcknowledgeFeedback(request: AcknowledgeFeedbackRequest): void {
  checkId('up_to_feedback_number', request.upToFeedbackNumber);
}

/** The length of a page. */
export function checkLimit(limit: number): void {
  checkInteger('limit', limit, 1, LIMITS.pageMax);
}
