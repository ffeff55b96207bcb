import { createHash } from 'node:crypto';
import { formatUuid, seededRandom, uuidV7, type CodedError } from '@everopen/core';
import {
  Account,
  AcknowledgeFeedbackResponse,
  Cart,
  ChangePasswordResponse,
  Checkout,
  CloseSessionResponse,
  CustomersCommand,
  GiveFeedbackResponse,
  Role,
  Session,
  type ExpectedLine,
} from '@everopen/contract/customers';
import { createMachineHarness, type MachineHarness } from '@everopen/replica/testing';
import { createCustomersMachine, type CustomersMachine } from '../src/machine/customers-machine.ts';
import type { Command } from '../src/validation/check-command.ts';

export type RequestOf<Case> = Extract<Command, { $case: Case }>['value'];

const ANSWERS = {
  createAccount: Account,
  changePassword: ChangePasswordResponse,
  openSession: Session,
  touchSession: Session,
  closeSession: CloseSessionResponse,
  endSession: CloseSessionResponse,
  addToCart: Cart,
  removeFromCart: Cart,
  setCartLine: Cart,
  clearCart: Cart,
  beginCheckout: Checkout,
  abortCheckout: Checkout,
  recordPurchase: Checkout,
  giveFeedback: GiveFeedbackResponse,
  acknowledgeFeedback: AcknowledgeFeedbackResponse,
} as const;
type AnswerOf<Case extends keyof typeof ANSWERS> = ReturnType<(typeof ANSWERS)[Case]['decode']>;

export const PASSWORD_HASH = `$argon2id$v=19$m=19456,t=2,p=1$${'s'.repeat(22)}$${'h'.repeat(43)}`;

export interface Person {
  readonly accountId: number;
  readonly role: Role;
  readonly sessionKey: Buffer;
}

/** A customers database without log or store, and people in it. */
export interface CustomersWorld {
  readonly machine: CustomersMachine;
  readonly harness: MachineHarness;
  answer<Case extends Command['$case']>($case: Case, request: RequestOf<Case>): AnswerOf<Case>;
  refusal<Case extends Command['$case']>($case: Case, request: RequestOf<Case>): CodedError;
  /** An account with an open session. */
  buyer(username: string): Person;
  seller(username: string): Person;
  login(person: { accountId: number; role: Role }, passwordVersion?: number): Buffer;
  /** Adds to the cart, with plenty available. */
  add(buyer: Person, itemId: number, quantity: number): Cart;
  cart(buyer: Person): { itemId: number; quantity: number }[];
  /** A checkout of the whole cart at 5.00 EUR a unit. */
  begin(buyer: Person, key?: string): Checkout;
  /** Records an open checkout; every item belongs to `sellerId`. */
  record(checkout: Checkout, sellerId: number, orderId: number): Checkout;
  /** A key made now. */
  key(atMs?: number): string;
}

export const PLENTY = 1_000_000;

export function sessionKey(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

export function payloadOf<Case extends Command['$case']>($case: Case, value: RequestOf<Case>): Uint8Array {
  return CustomersCommand.encode({ command: { $case, value } as Command }).finish();
}

export function linesOf(cart: readonly { itemId: number; quantity: number }[]): ExpectedLine[] {
  return cart.map((line) => ({ ...line, unitPriceMinor: 500, currency: 'EUR' }));
}

export function createCustomersWorld(): CustomersWorld {
  const machine = createCustomersMachine();
  const harness = createMachineHarness(machine);
  const random = seededRandom(1);
  let secrets = 0;

  const world: CustomersWorld = {
    machine,
    harness,
    answer: ($case, request) =>
      ANSWERS[$case].decode(harness.answer(payloadOf($case, request))) as AnswerOf<typeof $case>,
    refusal: ($case, request) => harness.refusal(payloadOf($case, request)),
    buyer: (username) => person(username, Role.BUYER),
    seller: (username) => person(username, Role.SELLER),
    login: ({ accountId, role }, passwordVersion = 1) => {
      const key = sessionKey(`secret ${++secrets}`);
      world.answer('openSession', { accountId, role, passwordVersion, sessionKey: key, label: 'a test' });
      return key;
    },
    add: (buyer, itemId, quantity) =>
      world.answer('addToCart', { sessionKey: buyer.sessionKey, itemId, quantity, available: PLENTY }),
    cart: (buyer) =>
      (
        harness.rows('cart_lines') as {
          buyer_id: number;
          item_id: number;
          quantity: number;
          line_number: number;
        }[]
      )
        .filter((line) => line.buyer_id === buyer.accountId)
        .sort((a, b) => a.line_number - b.line_number)
        .map((line) => ({ itemId: line.item_id, quantity: line.quantity })),
    begin: (buyer, key = world.key()) =>
      world.answer('beginCheckout', {
        checkoutKey: key,
        sessionKey: buyer.sessionKey,
        lines: linesOf(world.cart(buyer)),
      }),
    record: (checkout, sellerId, orderId) =>
      world.answer('recordPurchase', {
        checkoutKey: checkout.checkoutKey,
        orderId,
        paymentReference: `charge ${orderId}`,
        lines: checkout.lines.map((line) => ({ ...line, sellerId, name: `item ${line.itemId}` })),
      }),
    key: (atMs = harness.nowMs) => formatUuid(uuidV7(atMs, random)),
  };

  function person(username: string, role: Role): Person {
    const { accountId } = world.answer('createAccount', {
      role,
      username,
      passwordHash: PASSWORD_HASH,
      displayName: `${username} by name`,
    });
    return { accountId, role, sessionKey: world.login({ accountId, role }) };
  }
  return world;
}
