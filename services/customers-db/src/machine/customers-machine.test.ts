import { CheckoutState, Role } from '@everopen/contract/customers';
import { isCodedError } from '@everopen/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CustomersModel, type Expected } from '../../test/customers-model.ts';
import {
  createCustomersWorld,
  linesOf,
  PASSWORD_HASH,
  sessionKey,
  type CustomersWorld,
} from '../../test/customers-world.ts';
import type { BoughtItemRow } from '../schema/bought-items-table.ts';
import type { CartLineRow } from '../schema/cart-lines-table.ts';
import type { CheckoutLineRow } from '../schema/checkout-lines-table.ts';
import type { OpenCheckoutRow } from '../schema/open-checkouts-table.ts';
import type { PurchaseLineRow } from '../schema/purchase-lines-table.ts';
import type { PurchaseRow } from '../schema/purchases-table.ts';
import type { SellerRatingRow } from '../schema/seller-ratings-table.ts';
import { createCustomersMachine } from './customers-machine.ts';

const ACCOUNT_VERBS = [
  'createAccount',
  'openSession',
  'touch',
  'close',
  'endSession',
  'changePassword',
] as const;
const CART_VERBS = ['add', 'add', 'add', 'add', 'add', 'remove', 'set', 'clear', 'advance'] as const;
const BUY_VERBS = [
  'begin',
  'begin',
  'begin',
  'begin',
  'abort',
  'abort',
  'record',
  'record',
  'record',
] as const;
const RATE_VERBS = ['feedback', 'feedback', 'feedback', 'acknowledge'] as const;

/** One random step. `who`, `which` and `key` pick, at the time of use, among what there is by then. */
const anAction = fc.record({
  verb: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...ACCOUNT_VERBS) },
    { weight: 10, arbitrary: fc.constantFrom(...CART_VERBS) },
    { weight: 8, arbitrary: fc.constantFrom(...BUY_VERBS) },
    { weight: 3, arbitrary: fc.constantFrom(...RATE_VERBS) },
  ),
  who: fc.nat(9),
  key: fc.nat(7),
  item: fc.integer({ min: 1, max: 3 }),
  units: fc.integer({ min: 0, max: 4 }),
  flag: fc.boolean(),
  /** Makes the call a little wrong. */
  tampered: fc.nat(7).map((n) => n === 0),
});
type Action = typeof anAction extends fc.Arbitrary<infer T> ? T : never;

const PAUSES_MS = [1_000, 31_000, 200_000, 330_000, 25 * 3_600_000];
const STATE_NAMES = ['', 'open', 'aborted', 'recorded'];
const sellerOf = (itemId: number): number => 1 + (itemId % 2);

describe('the customers database against its model', () => {
  it('M2–M5, M13–M14, M17–M21: any sequence of commands has the answers of the model, and the invariants hold', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(fc.array(anAction, { minLength: 50, maxLength: 250, size: 'max' }), (actions) => {
        const run = new Run();
        for (const [step, action] of actions.entries()) {
          const outcome = run.step(action);
          seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
          if (step % 50 === 49) run.checkInvariants();
        }
        run.checkInvariants();
      }),
      { numRuns: 300 },
    );
    // A test that never met a rule has not tested it.
    const rules = [
      'add answered',
      'begin answered',
      'record answered',
      'abort answered',
      'feedback answered',
    ];
    const refusals =
      'UsernameTaken WrongCredentials Unauthenticated OutOfStock NotInCart CartEmpty CartChanged KeyReused ' +
      'KeyExpired OrderAborted NotPurchased AlreadyRated NotFound';
    for (const rule of rules) expect(seen.get(rule) ?? 0, rule).toBeGreaterThan(50);
    for (const code of refusals.split(' ')) {
      const times = [...seen]
        .filter(([name]) => name.endsWith(` ${code}`))
        .reduce((sum, [, n]) => sum + n, 0);
      expect(times, code).toBeGreaterThan(10);
    }
  });
});

/** A machine and a model side by side. */
class Run {
  private readonly world: CustomersWorld = createCustomersWorld();
  private readonly model = new CustomersModel(this.world.harness.nowMs);
  private readonly sessions: { key: string; role: Role }[] = [];
  private readonly checkouts: {
    key: string;
    keyMs: number;
    lines: { itemId: number; quantity: number }[];
  }[] = [];
  private orders = 0;

  constructor() {
    this.createAccount(Role.SELLER, 'sam');
    this.createAccount(Role.SELLER, 'sue');
    for (const name of ['ada', 'bob']) {
      this.createAccount(Role.BUYER, name);
      this.open(this.model.accounts.length - 1, false);
    }
  }

  /** Does it on both sides and compares; answers what happened, for counting. */
  step(action: Action): string {
    const { verb, who, item, units, flag, tampered } = action;
    // Mostly one of the newest, which are alive.
    const index = who < 8 ? this.sessions.length - 1 - (who % 2) : who % this.sessions.length;
    const session = this.sessions[index] as (typeof this.sessions)[0];
    const role = tampered ? (session.role === Role.BUYER ? Role.SELLER : Role.BUYER) : session.role;
    const key = sessionKey(session.key);
    switch (verb) {
      case 'advance': {
        const ms = PAUSES_MS[Math.floor(who / 2)] as number;
        // Mostly short: otherwise everybody is always logged out.
        this.advance(flag || units > 0 ? Math.min(ms, 31_000) : ms);
        return 'advance answered';
      }
      case 'createAccount':
        return this.createAccount(role, `user ${units}`);
      case 'openSession':
        return this.open(who % this.model.accounts.length, tampered);
      case 'touch':
        return this.both(
          this.model.touch(session.key, role),
          () => this.world.answer('touchSession', { sessionKey: key, role }).lastActiveAtUnixMs,
        );
      case 'close':
        return this.both(this.model.close(session.key, role), () =>
          this.world.answer('closeSession', { sessionKey: key, role }),
        );
      case 'endSession': {
        const sessionNumber = 1 + action.key;
        return this.both(this.model.endSession(session.key, role, sessionNumber), () =>
          this.world.answer('endSession', { sessionKey: key, role, sessionNumber }),
        );
      }
      case 'changePassword': {
        const passwordVersion = 1 + (units % 2);
        return this.both(
          this.model.changePassword(session.key, role, passwordVersion),
          () => {
            const request = { sessionKey: key, role, passwordVersion, passwordHash: PASSWORD_HASH };
            return this.world.answer('changePassword', request).sessionsEnded;
          },
          verb,
        );
      }
      case 'add': {
        const available = tampered ? units : 1_000;
        const to = (inCart: number) => (inCart + units + 1 > available ? 'OutOfStock' : inCart + units + 1);
        return this.both(
          this.model.changeCart(session.key, Role.BUYER, item, to),
          () => {
            const request = { sessionKey: key, itemId: item, quantity: units + 1, available };
            return this.world.answer('addToCart', request).lines;
          },
          verb,
        );
      }
      case 'remove': {
        const to = (inCart: number) => (inCart < units + 1 ? 'NotInCart' : inCart - units - 1);
        return this.both(
          this.model.changeCart(session.key, Role.BUYER, item, to),
          () => {
            const request = { sessionKey: key, itemId: item, quantity: units + 1, available: 0 };
            return this.world.answer('removeFromCart', request).lines;
          },
          verb,
        );
      }
      case 'set':
        return this.both(
          this.model.changeCart(session.key, Role.BUYER, item, () => units),
          () => {
            const request = { sessionKey: key, itemId: item, quantity: units, available: 1_000 };
            return this.world.answer('setCartLine', request).lines;
          },
          verb,
        );
      case 'clear':
        return this.both(
          this.model.clearCart(session.key, Role.BUYER),
          () => this.world.answer('clearCart', { sessionKey: key, role: Role.BUYER }).lines,
        );
      case 'begin':
        return this.begin(action, session.key);
      case 'abort':
      case 'record':
        return this.end(verb, action);
      case 'feedback': {
        return this.both(
          this.model.giveFeedback(session.key, Role.BUYER, item, flag),
          () => this.world.answer('giveFeedback', { sessionKey: key, itemId: item, thumbsUp: flag }).sellerId,
          verb,
        );
      }
      case 'acknowledge':
        return this.both(this.model.acknowledge(who), () =>
          this.world.answer('acknowledgeFeedback', { upToFeedbackNumber: who }),
        );
    }
  }

  checkInvariants(): void {
    const { harness } = this.world;
    const cart = harness.rows<CartLineRow>('cart_lines');
    const open = new Map(
      harness.rows<OpenCheckoutRow>('open_checkouts').map((row) => [row.checkout_key, row]),
    );
    const underWay = harness.rows<CheckoutLineRow>('checkout_lines');
    const purchases = new Map(
      harness.rows<PurchaseRow>('purchases').map((row) => [row.purchase_number, row]),
    );
    const bought = harness.rows<PurchaseLineRow>('purchase_lines');

    // Conservation: what was put in and not taken out is in the cart, under way, or bought.
    const units = new Map<string, number>();
    const count = (buyerId: number, itemId: number, quantity: number): void => {
      units.set(`${buyerId}/${itemId}`, (units.get(`${buyerId}/${itemId}`) ?? 0) + quantity);
    };
    for (const line of cart) count(line.buyer_id, line.item_id, line.quantity);
    for (const line of underWay) {
      count(open.get(line.checkout_key)?.buyer_id as number, line.item_id, line.quantity);
    }
    for (const line of bought) {
      count(purchases.get(line.purchase_number)?.buyer_id as number, line.item_id, line.quantity);
    }
    expect(units).toEqual(new Map([...this.model.kept].filter(([, kept]) => kept !== 0)));

    // One entry in the history for each recorded checkout.
    const keys = [...purchases.values()].map((row) => row.checkout_key).sort();
    const recorded = [...this.model.checkouts].filter(([, checkout]) => checkout.state === 'recorded');
    expect(keys).toEqual(recorded.map(([key]) => key).sort());

    // Counters are what they count.
    const facts = harness.rows<BoughtItemRow>('bought_items');
    for (const seller of harness.rows<SellerRatingRow>('seller_ratings')) {
      const own = facts.filter((fact) => fact.seller_id === seller.seller_id);
      expect(seller).toEqual({
        seller_id: seller.seller_id,
        thumbs_up: own.filter((fact) => fact.thumbs_up === 1).length,
        thumbs_down: own.filter((fact) => fact.thumbs_up === 0).length,
        items_sold: bought
          .filter((line) => line.seller_id === seller.seller_id)
          .reduce((sum, line) => sum + line.quantity, 0),
      });
    }
    expect(facts.filter((fact) => fact.thumbs_up !== null)).toHaveLength(
      [...this.model.bought.values()].filter((fact) => fact.thumbsUp !== null).length,
    );
    expect(harness.rows('feedback_outbox').map((row) => row['feedback_number'])).toEqual(
      this.model.undelivered,
    );
    for (const account of this.model.accounts) {
      expect(harness.rows('accounts').find((row) => row['account_id'] === account.id)).toMatchObject({
        items_bought: account.bought,
        password_version: account.version,
      });
    }
    // A restart finds the same state.
    harness.reloadInto(createCustomersMachine());
  }

  private advance(ms: number): void {
    this.world.harness.advance(ms);
    this.model.nowMs += ms;
  }

  private createAccount(role: Role, username: string): string {
    return this.both(this.model.createAccount(role, username), () => {
      const request = { role, username, passwordHash: PASSWORD_HASH, displayName: username };
      return this.world.answer('createAccount', request).accountId;
    });
  }

  private open(index: number, stale: boolean): string {
    const account = this.model.accounts[index] as (typeof this.model.accounts)[0];
    const key = `session ${this.sessions.length}`;
    const passwordVersion = stale ? account.version + 1 : account.version;
    this.sessions.push({ key, role: account.role });
    return this.both(this.model.openSession(account, passwordVersion, key), () => {
      const { id: accountId, role } = account;
      const request = { accountId, role, passwordVersion, sessionKey: sessionKey(key), label: '' };
      return this.world.answer('openSession', request).sessionNumber;
    });
  }

  /** With a new key, or with an old one: then mostly with the old lines. */
  private begin({ key: pick, flag, tampered, units }: Action, session: string): string {
    const known = flag ? this.checkouts[this.checkouts.length - 1 - pick] : undefined;
    const buyerId = this.model.sessions.get(session)?.account.id ?? 0;
    const isOld = known !== undefined && units > 0;
    const lines = structuredClone(isOld ? known.lines : this.model.cartOf(buyerId));
    if (tampered) lines.push({ itemId: 100 + lines.length, quantity: 1 });
    const keyMs = known?.keyMs ?? this.model.nowMs - (tampered && units === 0 ? 24 * 3_600_000 : 0);
    const key = known?.key ?? this.world.key(keyMs);
    if (known === undefined) this.checkouts.push({ key, keyMs, lines });
    return this.both(
      this.model.begin(session, Role.BUYER, key, keyMs, lines),
      () => {
        const request = { checkoutKey: key, sessionKey: sessionKey(session), lines: linesOf(lines) };
        const checkout = this.world.answer('beginCheckout', request);
        expect(checkout.lines).toHaveLength(lines.length);
        return STATE_NAMES[checkout.state];
      },
      'begin',
    );
  }

  private end(verb: 'abort' | 'record', { key: pick, tampered }: Action): string {
    // Mostly one that was begun.
    const some = this.checkouts.filter(({ key }) => tampered || this.model.checkouts.has(key));
    const known = some[some.length - 1 - (pick % 4)];
    if (known === undefined) return `${verb} skipped`;
    const checkout = this.model.checkouts.get(known.key);
    if (verb === 'abort') {
      return this.both(
        this.model.abort(known.key),
        () => STATE_NAMES[this.world.answer('abortCheckout', { checkoutKey: known.key }).state],
        verb,
      );
    }
    const orderId = checkout?.state === 'recorded' && !tampered ? checkout.orderId : ++this.orders;
    const lines = linesOf(checkout?.lines ?? [{ itemId: 1, quantity: 1 }]);
    return this.both(
      this.model.record(known.key, orderId, sellerOf),
      () => {
        const answer = this.world.answer('recordPurchase', {
          checkoutKey: known.key,
          orderId,
          lines: lines.map((line) => ({ ...line, sellerId: sellerOf(line.itemId), name: 'an item' })),
          paymentReference: 'charge',
        });
        expect(answer.state).toBe(CheckoutState.RECORDED);
        return 'recorded';
      },
      verb,
    );
  }

  private both(expected: Expected, act: () => unknown, verb = 'it'): string {
    let code = 'answered';
    let answer: unknown;
    try {
      answer = act();
    } catch (error) {
      if (!isCodedError(error)) throw error;
      code = error.code;
    }
    if ('codes' in expected) expect(expected.codes).toContain(code);
    else expect({ code, answer }).toEqual({ code: 'answered', answer: expected.answer });
    return `${verb} ${code}`;
  }
}
