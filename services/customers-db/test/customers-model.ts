import { LIMITS } from '@everopen/contract';
import type { Role } from '@everopen/contract/customers';

/** What a call came to: its answer, or the code of its refusal. Some may rightly end in two ways. */
export type Expected = { readonly answer: unknown } | { readonly codes: readonly string[] };

interface ModelAccount {
  readonly id: number;
  readonly role: Role;
  readonly username: string;
  version: number;
  bought: number;
}
interface ModelSession {
  readonly account: ModelAccount;
  readonly number: number;
  stampedMs: number;
  /** The order of stamps. */
  stamp: number;
}
interface ModelCheckout {
  readonly buyer: ModelAccount;
  readonly lines: readonly { itemId: number; quantity: number }[];
  state: 'open' | 'aborted' | 'recorded';
  orderId: number;
  forgetAtMs: number;
}

const HOUR_MS = 3_600_000;
const refused = (...codes: string[]): Expected => ({ codes });
const answered = (answer: unknown): Expected => ({ answer });

/**
 * The rules of the customers database as plainly as they can be said: maps, no clean-up, no indexes. The
 * property test holds the state machine against it.
 */
export class CustomersModel {
  nowMs: number;
  readonly accounts: ModelAccount[] = [];
  readonly sessions = new Map<string, ModelSession>();
  readonly carts = new Map<number, { itemId: number; quantity: number }[]>();
  readonly checkouts = new Map<string, ModelCheckout>();
  /** "buyer/item" → the thumb, null while there is none. */
  readonly bought = new Map<string, { seller: number; thumbsUp: boolean | null }>();
  readonly undelivered: number[] = [];
  /** "buyer/item" → units put into carts less those taken out by hand. */
  readonly kept = new Map<string, number>();
  private sessionNumber = 0;
  private stamp = 0;
  private feedbackNumber = 0;

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  createAccount(role: Role, username: string): Expected {
    if (this.accounts.some((each) => each.role === role && each.username === username)) {
      return refused('UsernameTaken');
    }
    const id = this.accounts.length + 1;
    this.accounts.push({ id, role, username, version: 1, bought: 0 });
    return answered(id);
  }

  openSession(account: ModelAccount, version: number, key: string): Expected {
    if (version !== account.version) return refused('WrongCredentials');
    const own = [...this.sessions].filter(([, session]) => session.account === account);
    own.sort(([, a], [, b]) => a.stamp - b.stamp);
    const tooMany = Math.max(0, own.length + 1 - LIMITS.sessionsPerAccount);
    for (const [ended] of own.slice(0, tooMany)) this.sessions.delete(ended);
    const number = ++this.sessionNumber;
    this.sessions.set(key, { account, number, stampedMs: this.nowMs, stamp: ++this.stamp });
    return answered(number);
  }

  touch(key: string, role: Role): Expected {
    const session = this.use(key, role);
    return session === undefined ? refused('Unauthenticated') : answered(session.stampedMs);
  }

  close(key: string, role: Role): Expected {
    if (this.live(key, role) === undefined) return refused('Unauthenticated');
    this.sessions.delete(key);
    return answered({});
  }

  endSession(key: string, role: Role, number: number): Expected {
    const own = this.live(key, role);
    if (own === undefined) return refused('Unauthenticated');
    const found = [...this.sessions].find(
      ([other, session]) =>
        session.number === number && session.account === own.account && this.live(other, role) !== undefined,
    );
    if (found === undefined) return refused('NotFound');
    this.use(key, role);
    this.sessions.delete(found[0]);
    return answered({});
  }

  changePassword(key: string, role: Role, version: number): Expected {
    const own = this.live(key, role);
    if (own === undefined) return refused('Unauthenticated');
    if (own.account.version !== version) return refused('WrongCredentials');
    this.use(key, role);
    own.account.version++;
    let ended = 0;
    for (const [other, session] of this.sessions) {
      if (session.account !== own.account || session === own) continue;
      if (this.live(other, role) !== undefined) ended++;
      this.sessions.delete(other);
    }
    return answered(ended);
  }

  /** `to` gives the new quantity from the old one, or a code. */
  changeCart(key: string, buyer: Role, itemId: number, to: (inCart: number) => number | string): Expected {
    const session = this.live(key, buyer);
    if (session === undefined) return refused('Unauthenticated');
    const cart = this.cartOf(session.account.id);
    const line = cart.find((each) => each.itemId === itemId);
    const quantity = to(line?.quantity ?? 0);
    if (typeof quantity === 'string') return refused(quantity);
    this.use(key, buyer);
    this.keep(session.account.id, itemId, quantity - (line?.quantity ?? 0));
    if (line === undefined && quantity > 0) cart.push({ itemId, quantity });
    else if (line !== undefined && quantity > 0) line.quantity = quantity;
    else if (line !== undefined) cart.splice(cart.indexOf(line), 1);
    return answered(structuredClone(cart));
  }

  clearCart(key: string, buyer: Role): Expected {
    const session = this.use(key, buyer);
    if (session === undefined) return refused('Unauthenticated');
    for (const line of this.cartOf(session.account.id)) {
      this.keep(session.account.id, line.itemId, -line.quantity);
    }
    this.carts.set(session.account.id, []);
    return answered([]);
  }

  begin(
    sessionKey: string,
    role: Role,
    key: string,
    keyMs: number,
    lines: readonly { itemId: number; quantity: number }[],
  ): Expected {
    const session = this.live(sessionKey, role);
    if (session === undefined) return refused('Unauthenticated');
    const buyer = session.account;
    const known = this.checkouts.get(key);
    const isExpired = this.nowMs >= keyMs + 24 * HOUR_MS;
    if (known !== undefined) {
      const isSame =
        known.buyer === buyer && JSON.stringify(sorted(known.lines)) === JSON.stringify(sorted(lines));
      if (this.mayBeForgotten(known)) return refused('KeyExpired', isSame ? 'answered' : 'KeyReused');
      if (!isSame) return refused('KeyReused');
      this.use(sessionKey, role);
      return answered(known.state);
    }
    if (isExpired) return refused('KeyExpired');
    const cart = this.cartOf(buyer.id);
    if (cart.length === 0) return refused('CartEmpty');
    if (JSON.stringify(sorted(cart)) !== JSON.stringify(sorted(lines))) return refused('CartChanged');
    const open = [...this.checkouts.values()].filter((each) => each.buyer === buyer && each.state === 'open');
    if (open.length >= LIMITS.openOrdersPerBuyer) return refused('QuotaExceeded');
    this.use(sessionKey, role);
    this.checkouts.set(key, {
      buyer,
      lines: structuredClone(lines) as ModelCheckout['lines'],
      state: 'open',
      orderId: 0,
      forgetAtMs: keyMs + 24 * HOUR_MS,
    });
    this.carts.set(buyer.id, []);
    return answered('open');
  }

  abort(key: string): Expected {
    const checkout = this.checkouts.get(key);
    if (checkout === undefined) return refused('NotFound', 'KeyExpired');
    if (this.mayBeForgotten(checkout)) return refused('KeyExpired', 'answered');
    if (checkout.state === 'open') {
      const cart = this.cartOf(checkout.buyer.id);
      for (const { itemId, quantity } of checkout.lines) {
        const line = cart.find((each) => each.itemId === itemId);
        if (line === undefined) cart.push({ itemId, quantity });
        else line.quantity += quantity;
      }
      this.end(checkout, 'aborted', 0);
    }
    return answered(checkout.state);
  }

  record(key: string, orderId: number, sellerOf: (itemId: number) => number): Expected {
    const checkout = this.checkouts.get(key);
    if (checkout === undefined) return refused('NotFound', 'KeyExpired');
    if (this.mayBeForgotten(checkout)) return refused('KeyExpired', 'OrderAborted', 'KeyReused', 'answered');
    if (checkout.state === 'aborted') return refused('OrderAborted');
    if (checkout.state === 'recorded') {
      return checkout.orderId === orderId ? answered('recorded') : refused('KeyReused');
    }
    this.end(checkout, 'recorded', orderId);
    for (const { itemId, quantity } of checkout.lines) {
      checkout.buyer.bought += quantity;
      const fact = `${checkout.buyer.id}/${itemId}`;
      if (!this.bought.has(fact)) this.bought.set(fact, { seller: sellerOf(itemId), thumbsUp: null });
    }
    return answered('recorded');
  }

  giveFeedback(key: string, role: Role, itemId: number, thumbsUp: boolean): Expected {
    const session = this.live(key, role);
    if (session === undefined) return refused('Unauthenticated');
    const fact = this.bought.get(`${session.account.id}/${itemId}`);
    if (fact === undefined) return refused('NotPurchased');
    if (fact.thumbsUp !== null) return refused('AlreadyRated');
    this.use(key, role);
    fact.thumbsUp = thumbsUp;
    this.undelivered.push(++this.feedbackNumber);
    return answered(fact.seller);
  }

  acknowledge(upTo: number): Expected {
    if (upTo < 1 || upTo > this.feedbackNumber) return refused('InvalidArgument');
    while ((this.undelivered[0] ?? Infinity) <= upTo) this.undelivered.shift();
    return answered({});
  }

  cartOf(buyerId: number): { itemId: number; quantity: number }[] {
    const cart = this.carts.get(buyerId) ?? [];
    this.carts.set(buyerId, cart);
    return cart;
  }

  private live(key: string, role: Role): ModelSession | undefined {
    const session = this.sessions.get(key);
    const isLive =
      session !== undefined && session.account.role === role && this.nowMs - session.stampedMs < 5.5 * 60_000;
    return isLive ? session : undefined;
  }

  private use(key: string, role: Role): ModelSession | undefined {
    const session = this.live(key, role);
    if (session !== undefined && this.nowMs - session.stampedMs >= 30_000) {
      session.stampedMs = this.nowMs;
      session.stamp = ++this.stamp;
    }
    return session;
  }

  private keep(buyerId: number, itemId: number, units: number): void {
    const key = `${buyerId}/${itemId}`;
    this.kept.set(key, (this.kept.get(key) ?? 0) + units);
  }

  private end(checkout: ModelCheckout, state: 'aborted' | 'recorded', orderId: number): void {
    checkout.state = state;
    checkout.orderId = orderId;
    checkout.forgetAtMs = Math.max(checkout.forgetAtMs, this.nowMs + HOUR_MS);
  }

  /** Clean-up takes a few commands: until then both answers are right. */
  private mayBeForgotten(checkout: ModelCheckout): boolean {
    return checkout.state !== 'open' && this.nowMs >= checkout.forgetAtMs;
  }
}

function sorted<Line extends { itemId: number }>(lines: readonly Line[]): Line[] {
  return [...lines].sort((a, b) => a.itemId - b.itemId);
}
