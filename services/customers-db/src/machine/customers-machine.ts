import { CodedError } from '@everopen/core';
import {
  Account,
  AcknowledgeFeedbackResponse,
  Cart,
  ChangePasswordResponse,
  Checkout,
  CloseSessionResponse,
  CustomersCommand,
  GiveFeedbackResponse,
  Session,
} from '@everopen/contract/customers';
import type { ApplyContext, StateMachine } from '@everopen/replica';
import { checkCommand, type Command } from '../validation/check-command.ts';
import { createAccount } from './accounts.ts';
import { addToCart, clearCart, removeFromCart, setCartLine } from './carts.ts';
import { changePassword } from './change-password.ts';
import { abortCheckout, beginCheckout } from './checkouts.ts';
import { cleanUp } from './clean-up.ts';
import { createCustomersState, type CustomersState } from './customers-state.ts';
import { giveFeedback } from './feedback.ts';
import { recordPurchase } from './history.ts';
import { acknowledgeFeedback } from './outbox.ts';
import { closeSession, endSession, openSession, touchSession } from './sessions.ts';

export interface CustomersMachine extends StateMachine {
  /** For reads between commands. Never write to it from outside `apply`. */
  readonly state: CustomersState;
}

/**
 * The customers database as a deterministic function. A command is a `CustomersCommand`, its answer the
 * response message of the call that it stands for, both as protobuf. Everything is validated here again,
 * whatever the API has done, and refused with a `CodedError`.
 */
export function createCustomersMachine(): CustomersMachine {
  const state = createCustomersState();
  return {
    name: 'customers',
    state,
    tables: state.tables,
    apply: (payload: Uint8Array, { nowMs }: ApplyContext): Uint8Array => {
      const command = decode(payload);
      checkCommand(command);
      cleanUp(state, nowMs);
      const decide = DECISIONS[command.$case] as Decision<unknown>;
      return decide(state, command.value, nowMs);
    },
  };
}

type RequestOf<Case> = Extract<Command, { $case: Case }>['value'];
type Decision<Request> = (state: CustomersState, request: Request, nowMs: number) => Uint8Array;

const DECISIONS: { readonly [Case in Command['$case']]: Decision<RequestOf<Case>> } = {
  createAccount: encoded(createAccount, Account),
  changePassword: encoded(changePassword, ChangePasswordResponse),
  openSession: encoded(openSession, Session),
  touchSession: encoded(touchSession, Session),
  closeSession: encoded(closeSession, CloseSessionResponse),
  endSession: encoded(endSession, CloseSessionResponse),
  addToCart: encoded(addToCart, Cart),
  removeFromCart: encoded(removeFromCart, Cart),
  setCartLine: encoded(setCartLine, Cart),
  clearCart: encoded(clearCart, Cart),
  beginCheckout: encoded(beginCheckout, Checkout),
  abortCheckout: encoded(abortCheckout, Checkout),
  recordPurchase: encoded(recordPurchase, Checkout),
  giveFeedback: encoded(giveFeedback, GiveFeedbackResponse),
  acknowledgeFeedback: encoded(acknowledgeFeedback, AcknowledgeFeedbackResponse),
};

function encoded<Request, Response>(
  decide: (state: CustomersState, request: Request, nowMs: number) => Response,
  codec: { encode(message: Response): { finish(): Uint8Array } },
): Decision<Request> {
  return (state, request, nowMs) => codec.encode(decide(state, request, nowMs)).finish();
}

function decode(payload: Uint8Array): Command {
  const { command } = decodeMessage(payload);
  if (command === undefined) throw new CodedError('InvalidArgument', 'The command is none that is known');
  return command;
}

function decodeMessage(payload: Uint8Array): CustomersCommand {
  try {
    return CustomersCommand.decode(payload);
  } catch (cause) {
    throw new CodedError('InvalidArgument', 'The command cannot be decoded', { cause });
  }
}
