import { describe, expect, it } from 'vitest';
import { callOf } from './call-of.ts';
import {
  startPurchase,
  type PurchaseEffect,
  type PurchaseEvent,
  type PurchasePhase,
  type PurchaseResult,
  type PurchaseState,
  type PurchaseStep,
  type PurchaseTask,
} from './purchase-state.ts';
import type { Checkout, Order, Refusal } from './purchase-types.ts';
import { readRefusal, writeRefusalDetails } from './refusal-details.ts';
import { stepPurchase } from './step-purchase.ts';

const KEY = '01890a5d-ac96-774b-bcce-b302099a8057';
const LINES = [{ itemId: 7, quantity: 2, unitPriceMinor: 150, currency: 'EUR' }];
const BUYER: PurchaseTask = { mode: 'buyer', key: KEY, sessionKey: new Uint8Array(32), lines: LINES };
const CHECKOUT_SWEEP: PurchaseTask = { mode: 'checkout-sweep', key: KEY };

const checkout = (state: Checkout['state']): Checkout => ({
  checkoutKey: KEY,
  buyerId: 3,
  state,
  lines: state === 'open' ? LINES : [],
  begunAtUnixMs: 1,
});
const order = (state: Order['state'], change: Partial<Order> = {}): Order => ({
  orderId: 9,
  orderKey: KEY,
  buyerId: 3,
  state,
  lines: LINES.map((line) => ({ ...line, sellerId: 1, name: 'a lamp' })),
  totalMinor: 300,
  currency: 'EUR',
  placedAtUnixMs: 2,
  paymentReference: state === 'paid' || state === 'recorded' ? 'pay_1' : '',
  cancelReason: '',
  cancelDetails: '',
  ...change,
});

const refusal = (code: string, details: Refusal['details'] = {}): Refusal => ({
  code,
  message: `${code} happened`,
  details,
});
/** A cancelled order that keeps this refusal, and a tombstone that does. */
const cancelledFor = (kept: Refusal): Order =>
  order('cancelled', { cancelReason: kept.code, cancelDetails: writeRefusalDetails(kept) });
const tombstoneOf = (kept: Refusal): Order => ({
  ...cancelledFor(kept),
  orderId: 0,
  buyerId: 0,
  lines: [],
  totalMinor: 0,
});
/** One that keeps no more than a code: of a sweeper, and of an expired key. */
const bareTombstone = (cancelReason: string): Order => ({
  ...tombstoneOf(refusal(cancelReason)),
  cancelDetails: '',
});
const TOMBSTONE = bareTombstone('OrderAborted');
const failed = (code: string, details?: Refusal['details']): PurchaseEvent => ({
  kind: 'failed',
  failure: refusal(code, details),
});
const gaveCheckout = (state: Checkout['state']): PurchaseEvent => ({
  kind: 'checkout',
  checkout: checkout(state),
});
const gaveOrder = (given: Order): PurchaseEvent => ({ kind: 'order', order: given });
const chargedBy = (amountMinor: number, currency = 'EUR'): PurchaseEvent => ({
  kind: 'verdict',
  verdict: { result: 'charged', reference: 'pay_1', amountMinor, currency },
});
const CHARGED = chargedBy(300);
const DECLINED: PurchaseEvent = { kind: 'verdict', verdict: { result: 'declined' } };
const VOIDED: PurchaseEvent = { kind: 'verdict', verdict: { result: 'voided' } };

const inPhase = (phase: PurchasePhase, task: PurchaseTask = BUYER): PurchaseState => ({
  task,
  phase,
  attempts: 0,
});
const sweepOf = (swept: Order): PurchaseTask => ({ mode: 'order-sweep', key: KEY, order: swept });

/** What the flow calls next. */
const called = ({ effects }: PurchaseStep): string[] =>
  effects.flatMap((effect) => (effect.kind === 'call' ? [effect.call.call] : []));
const answered = ({ effects }: PurchaseStep): PurchaseResult | undefined =>
  effects.find((effect): effect is PurchaseEffect & { kind: 'answer' } => effect.kind === 'answer')?.result;
const refusedFor = (step: PurchaseStep): string | undefined => {
  const result = answered(step);
  return result?.status === 'refused' ? result.refusal.code : undefined;
};

/** Runs a whole flow; gives the names of its calls and its answer. */
function play(
  task: PurchaseTask,
  events: PurchaseEvent[],
): { calls: string[]; result: PurchaseResult | undefined } {
  let step = stepPurchase(startPurchase(task), { kind: 'started' });
  const calls = called(step);
  let result = answered(step);
  for (const event of events) {
    step = stepPurchase(step.state, event);
    calls.push(...called(step));
    const now = answered(step);
    if (now !== undefined && result !== undefined) throw new Error('Answered twice');
    result ??= now;
  }
  expect(step.state.phase.name).toBe('finished');
  return { calls, result };
}

describe('a purchase', () => {
  it('M14: takes five steps, answers once the history has it, and then tells the sweepers', () => {
    const paid = order('paid');
    const { calls, result } = play(BUYER, [
      gaveCheckout('open'),
      gaveOrder(order('reserved')),
      CHARGED,
      gaveOrder(paid),
      gaveCheckout('recorded'),
      gaveOrder(order('recorded')),
    ]);
    expect(calls).toEqual([
      'begin-checkout',
      'place-order',
      'charge',
      'confirm-order',
      'record-purchase',
      'mark-order-recorded',
    ]);
    expect(result).toEqual({ status: 'paid', order: paid });
  });

  it('answers in the same step in which it marks the order, so that nobody waits for the bookkeeping', () => {
    const step = stepPurchase(inPhase({ name: 'recording', order: order('paid') }), gaveCheckout('recorded'));
    expect(step.effects.map((effect) => effect.kind)).toEqual(['answer', 'call']);
  });

  it('orders what the checkout holds, and charges what the order says', () => {
    const placing = stepPurchase(inPhase({ name: 'beginning-checkout' }), gaveCheckout('open'));
    expect(placing.effects).toEqual([
      { kind: 'call', call: { call: 'place-order', orderKey: KEY, buyerId: 3, lines: LINES } },
    ]);
    const charging = stepPurchase(placing.state, gaveOrder(order('reserved', { totalMinor: 299 })));
    expect(charging.effects).toEqual([
      { kind: 'call', call: { call: 'charge', key: KEY, amountMinor: 299, currency: 'EUR' } },
    ]);
  });

  it('M15: a declined card gives the stock back, then the lines, then says so', () => {
    const { calls, result } = play(BUYER, [
      gaveCheckout('open'),
      gaveOrder(order('reserved')),
      DECLINED,
      gaveOrder(order('cancelled', { cancelReason: 'PaymentDeclined' })),
      gaveCheckout('aborted'),
    ]);
    expect(calls.slice(3)).toEqual(['cancel-order', 'abort-checkout']);
    expect(result).toMatchObject({ status: 'refused', refusal: { code: 'PaymentDeclined' } });
  });

  it('M15: an empty or changed cart, or a reused key, is refused before anything has moved', () => {
    for (const code of ['CartEmpty', 'CartChanged', 'KeyReused', 'KeyExpired', 'Unauthenticated']) {
      const { calls, result } = play(BUYER, [failed(code)]);
      expect(calls).toEqual(['begin-checkout']);
      expect(result).toEqual({ status: 'refused', refusal: refusal(code) });
    }
  });

  it('a refused order is made impossible before the lines go back, and the answer keeps its details', () => {
    for (const code of ['OutOfStock', 'PriceChanged', 'QuotaExceeded', 'NotFound', 'MixedCurrencies']) {
      const { calls, result } = play(BUYER, [
        gaveCheckout('open'),
        failed(code, { left: 1 }),
        gaveOrder(tombstoneOf(refusal(code, { left: 1 }))),
        gaveCheckout('aborted'),
      ]);
      expect(calls).toEqual(['begin-checkout', 'place-order', 'abort-order', 'abort-checkout']);
      expect(result).toEqual({ status: 'refused', refusal: refusal(code, { left: 1 }) });
    }
  });

  it('a card that payment will not look at is voided under this key before the order is cancelled', () => {
    const { calls, result } = play(BUYER, [
      gaveCheckout('open'),
      gaveOrder(order('reserved')),
      failed('InvalidCard', { field: 'number' }),
      VOIDED,
      gaveOrder(cancelledFor(refusal('InvalidCard', { field: 'number' }))),
      gaveCheckout('aborted'),
    ]);
    expect(calls.slice(2)).toEqual(['charge', 'void', 'cancel-order', 'abort-checkout']);
    expect(result).toEqual({ status: 'refused', refusal: refusal('InvalidCard', { field: 'number' }) });
  });

  it('P4: of what payment says about a card, the code and the field alone are kept', () => {
    const charging = inPhase({ name: 'charging', order: order('reserved') });
    const reasonAfter = (details: Refusal['details']): Refusal => {
      const quoting = { code: 'InvalidCard', message: 'Not 4111 1111 1111 1112', details };
      const voiding = stepPurchase(charging, { kind: 'failed', failure: quoting });
      const [effect] = stepPurchase(voiding.state, VOIDED).effects;
      if (effect?.kind !== 'call' || effect.call.call !== 'cancel-order') throw new Error('Not cancelled');
      return readRefusal(effect.call.reason, effect.call.reasonDetails);
    };
    const message = 'The card details cannot be right';
    expect(reasonAfter({ field: 'number', number: '4111111111111112' })).toEqual({
      code: 'InvalidCard',
      message,
      details: { field: 'number' },
    });
    expect(reasonAfter({ field: '4111111111111112' })).toEqual({ code: 'InvalidCard', message, details: {} });
  });

  it('a void that finds a charge goes on with the charge', () => {
    const voiding = inPhase({ name: 'voiding', order: order('reserved'), refusal: refusal('InvalidCard') });
    expect(called(stepPurchase(voiding, CHARGED))).toEqual(['confirm-order']);
    expect(called(stepPurchase(voiding, DECLINED))).toEqual(['cancel-order']);
  });

  it('another server cancelled for its own reason: the answer is the reason that the order keeps', () => {
    const cancelling = inPhase({
      name: 'cancelling',
      order: order('reserved'),
      refusal: refusal('InvalidCard'),
    });
    const { state } = stepPurchase(
      cancelling,
      gaveOrder(order('cancelled', { cancelReason: 'PaymentVoided' })),
    );
    expect(refusedFor(stepPurchase(state, gaveCheckout('aborted')))).toBe('PaymentVoided');
  });

  it('gives the products database its refusal to keep, in words and details', () => {
    const reason = refusal('OutOfStock', { left: 1 });
    const expected = { orderKey: KEY, reason: 'OutOfStock', reasonDetails: writeRefusalDetails(reason) };
    const placing = inPhase({ name: 'placing-order', checkout: checkout('open') });
    expect(stepPurchase(placing, { kind: 'failed', failure: reason }).effects).toEqual([
      { kind: 'call', call: { call: 'abort-order', ...expected } },
    ]);
    expect(callOf(inPhase({ name: 'cancelling', order: order('reserved'), refusal: reason }))).toEqual({
      call: 'cancel-order',
      ...expected,
    });
  });

  it('M17: another server was refused first: its refusal is the answer, to the details', () => {
    const first = refusal('PriceChanged', { lines: [{ itemId: 7, priceMinor: 151 }] });
    const aborting = inPhase({ name: 'aborting-order', refusal: refusal('OutOfStock', { left: 1 }) });
    const { state } = stepPurchase(aborting, gaveOrder(tombstoneOf(first)));
    expect(answered(stepPurchase(state, gaveCheckout('aborted')))).toEqual({
      status: 'refused',
      refusal: first,
    });
    const sameCode = refusal('OutOfStock', { left: 0 });
    const after = stepPurchase(aborting, gaveOrder(tombstoneOf(sameCode)));
    expect(answered(stepPurchase(after.state, gaveCheckout('aborted')))).toEqual({
      status: 'refused',
      refusal: sameCode,
    });
  });
});

describe('a retry with the same key', () => {
  it('M17: after success gives the same answer, from the order', () => {
    const recorded = order('recorded');
    const { calls, result } = play(BUYER, [gaveCheckout('recorded'), gaveOrder(recorded)]);
    expect(calls).toEqual(['begin-checkout', 'get-order']);
    expect(result).toEqual({ status: 'paid', order: recorded });
  });

  it('tells the sweepers what a crash kept from them', () => {
    const { calls, result } = play(BUYER, [
      gaveCheckout('recorded'),
      gaveOrder(order('paid')),
      gaveOrder(order('recorded')),
    ]);
    expect(calls).toEqual(['begin-checkout', 'get-order', 'mark-order-recorded']);
    expect(result?.status).toBe('paid');
  });

  it('M17: after a refusal gives the same refusal, from the order or the tombstone', () => {
    const reason = refusal('OutOfStock', { left: 1 });
    for (const kept of [cancelledFor(reason), tombstoneOf(reason)]) {
      expect(play(BUYER, [gaveCheckout('aborted'), gaveOrder(kept)]).result).toEqual({
        status: 'refused',
        refusal: reason,
      });
    }
    expect(play(BUYER, [gaveCheckout('aborted'), gaveOrder(TOMBSTONE)]).result).toMatchObject({
      refusal: { code: 'OrderAborted' },
    });
  });

  it('whose refusal was forgotten with its key is told that the key has expired', () => {
    expect(play(BUYER, [gaveCheckout('aborted'), failed('NotFound')]).result).toMatchObject({
      refusal: { code: 'KeyExpired' },
    });
  });

  it('goes on from wherever the order is', () => {
    const placing = inPhase({ name: 'placing-order', checkout: checkout('open') });
    expect(called(stepPurchase(placing, gaveOrder(order('reserved'))))).toEqual(['charge']);
    expect(called(stepPurchase(placing, gaveOrder(order('paid'))))).toEqual(['record-purchase']);
    expect(called(stepPurchase(placing, gaveOrder(order('recorded'))))).toEqual(['record-purchase']);
    expect(called(stepPurchase(placing, gaveOrder(order('cancelled'))))).toEqual(['abort-checkout']);
  });

  it('that meets the tombstone of a sweeper has no order to place, and gives the lines back', () => {
    const placing = inPhase({ name: 'placing-order', checkout: checkout('open') });
    expect(called(stepPurchase(placing, failed('OrderAborted')))).toEqual(['abort-order']);
    expect(called(stepPurchase(placing, gaveOrder(TOMBSTONE)))).toEqual(['abort-checkout']);
  });

  it('whose order was refused here but placed by another server goes on with that order', () => {
    const aborting = inPhase({ name: 'aborting-order', refusal: refusal('OutOfStock') });
    expect(called(stepPurchase(aborting, gaveOrder(order('reserved'))))).toEqual(['charge']);
    expect(called(stepPurchase(aborting, gaveOrder(order('paid'))))).toEqual(['record-purchase']);
  });
});

const WAITING: PurchasePhase[] = [
  { name: 'beginning-checkout' },
  { name: 'placing-order', checkout: checkout('open') },
  { name: 'reading-order', checkout: checkout('recorded') },
  { name: 'charging', order: order('reserved') },
  { name: 'voiding', order: order('reserved') },
  { name: 'confirming', order: order('reserved'), reference: 'pay_1' },
  { name: 'cancelling', order: order('reserved'), refusal: refusal('PaymentDeclined') },
  { name: 'aborting-order', refusal: refusal('OutOfStock') },
  { name: 'aborting-checkout', refusal: refusal('OutOfStock') },
  { name: 'recording', order: order('paid') },
  { name: 'marking-recorded', order: order('paid') },
];

describe('a call whose fate is not known', () => {
  const open = ['Unknown', 'NotReady', 'NotCaughtUp', 'DeadlineExceeded', 'Overloaded', 'PaymentUnavailable'];

  it.each(WAITING)('is made again, the same, in $name, however often it takes', (phase) => {
    let state = inPhase(phase);
    for (const [index, code] of [...open, 'Closed', 'Internal', 'DiskFull', 'no code of ours'].entries()) {
      const after = stepPurchase(state, failed(code));
      expect(after.effects).toEqual([{ kind: 'retry-later', attempts: index + 1 }]);
      const again = stepPurchase(after.state, { kind: 'retry' });
      expect(again.effects).toEqual([{ kind: 'call', call: callOf(inPhase(phase)) }]);
      expect(again.state.phase).toEqual(phase);
      state = again.state;
    }
  });

  it('counts anew in the next phase', () => {
    const { state } = stepPurchase(inPhase({ name: 'beginning-checkout' }), failed('Unknown'));
    expect(stepPurchase(state, gaveCheckout('open')).state.attempts).toBe(0);
  });
});

describe('when the buyer has waited long enough', () => {
  const after = (phase: PurchasePhase): PurchaseStep => stepPurchase(inPhase(phase), { kind: 'deadline' });

  it('the answer is pending as long as anything can still change, even a refusal', () => {
    for (const phase of WAITING) {
      if (['beginning-checkout', 'recording', 'marking-recorded'].includes(phase.name)) continue;
      expect(answered(after(phase))).toEqual({ status: 'pending' });
    }
  });

  it('paid is paid, whether or not the history has it', () => {
    const phase: PurchasePhase = { name: 'recording', order: order('paid') };
    expect(answered(after(phase))).toEqual({ status: 'paid', order: order('paid') });
  });

  it('a checkout that perhaps never began has the error of its last attempt', () => {
    expect(refusedFor(after({ name: 'beginning-checkout' }))).toBe('DeadlineExceeded');
    const { state } = stepPurchase(inPhase({ name: 'beginning-checkout' }), failed('NotReady'));
    expect(refusedFor(stepPurchase(state, { kind: 'deadline' }))).toBe('NotReady');
  });

  it('nothing more is called, whatever the phase', () => {
    for (const phase of [...WAITING, { name: 'not-started' } as const, { name: 'finished' } as const]) {
      const step = after(phase);
      expect(called(step)).toEqual([]);
      expect(step.state.phase.name).toBe('finished');
    }
  });

  it('a buyer who was answered already is not answered again', () => {
    expect(after({ name: 'marking-recorded', order: order('paid') }).effects).toEqual([]);
  });
});

describe('a sweeper', () => {
  it('has no card: it voids a reserved order, and cancels it when the ledger says so', () => {
    const { calls, result } = play(sweepOf(order('reserved')), [
      VOIDED,
      gaveOrder(order('cancelled', { cancelReason: 'PaymentVoided' })),
      gaveCheckout('aborted'),
    ]);
    expect(calls).toEqual(['void', 'cancel-order', 'abort-checkout']);
    expect(result).toMatchObject({ refusal: { code: 'PaymentVoided' } });
  });

  it('finds that the buyer has paid after all, and finishes the purchase', () => {
    const { calls } = play(sweepOf(order('reserved')), [
      CHARGED,
      gaveOrder(order('paid')),
      gaveCheckout('recorded'),
      gaveOrder(order('recorded')),
    ]);
    expect(calls).toEqual(['void', 'confirm-order', 'record-purchase', 'mark-order-recorded']);
  });

  it('records a paid order that a crash kept from the history', () => {
    const { calls } = play(sweepOf(order('paid')), [gaveCheckout('recorded'), gaveOrder(order('recorded'))]);
    expect(calls).toEqual(['record-purchase', 'mark-order-recorded']);
  });

  it('gives the lines of a checkout back only behind a tombstone', () => {
    const { calls } = play(CHECKOUT_SWEEP, [gaveOrder(TOMBSTONE), gaveCheckout('aborted')]);
    expect(calls).toEqual(['abort-order', 'abort-checkout']);
  });

  it('leaves a checkout to its order while that is reserved: the order has a deadline of its own', () => {
    const { calls, result } = play(CHECKOUT_SWEEP, [gaveOrder(order('reserved'))]);
    expect(calls).toEqual(['abort-order']);
    expect(result).toEqual({ status: 'pending' });
  });

  it('gives the lines back of an order that was cancelled by a server that crashed then', () => {
    const cancelled = order('cancelled', { cancelReason: 'PaymentDeclined' });
    const { calls, result } = play(CHECKOUT_SWEEP, [gaveOrder(cancelled), gaveCheckout('aborted')]);
    expect(calls).toEqual(['abort-order', 'abort-checkout']);
    expect(result).toMatchObject({ refusal: { code: 'PaymentDeclined' } });
  });

  it('records a recorded order again whose checkout is open: a backup may have been restored', () => {
    const { calls } = play(CHECKOUT_SWEEP, [
      gaveOrder(order('recorded')),
      gaveCheckout('recorded'),
      gaveOrder(order('recorded')),
    ]);
    expect(calls).toEqual(['abort-order', 'record-purchase', 'mark-order-recorded']);
  });

  it('never charges and never begins a checkout, whatever it is told', () => {
    for (const task of [CHECKOUT_SWEEP, sweepOf(order('reserved')), sweepOf(order('paid'))]) {
      expect(called(stepPurchase(startPurchase(task), { kind: 'started' }))).not.toContain('charge');
    }
    expect(() => callOf(inPhase({ name: 'beginning-checkout' }, CHECKOUT_SWEEP))).toThrow('never begins');
  });
});

describe('a key that is older than a day', () => {
  it('places no order any more, and its lines go back', () => {
    const { calls, result } = play(BUYER, [
      gaveCheckout('open'),
      failed('KeyExpired'),
      gaveOrder(bareTombstone('KeyExpired')),
      gaveCheckout('aborted'),
    ]);
    expect(calls.slice(2)).toEqual(['abort-order', 'abort-checkout']);
    expect(result).toMatchObject({ refusal: { code: 'KeyExpired' } });
  });

  it('has a checkout that another server ended and that is forgotten: the refusal stands', () => {
    const { result } = play(CHECKOUT_SWEEP, [gaveOrder(TOMBSTONE), failed('KeyExpired')]);
    expect(result).toMatchObject({ refusal: { code: 'OrderAborted' } });
  });
});

describe('what cannot be', () => {
  const contradicted = (phase: PurchasePhase, event: PurchaseEvent): void => {
    const step = stepPurchase(inPhase(phase), event);
    expect(answered(step)?.status).toBe('contradiction');
    expect(called(step)).toEqual([]);
  };

  it('stops the flow with a report, and touches nothing more', () => {
    const reserved = order('reserved');
    const reason = refusal('PaymentDeclined');
    contradicted({ name: 'confirming', order: reserved, reference: 'pay_1' }, gaveOrder(order('cancelled')));
    contradicted({ name: 'confirming', order: reserved, reference: 'pay_1' }, gaveOrder(reserved));
    contradicted({ name: 'charging', order: reserved }, chargedBy(299));
    contradicted({ name: 'voiding', order: reserved }, chargedBy(300, 'USD'));
    contradicted({ name: 'cancelling', order: reserved, refusal: reason }, gaveOrder(order('paid')));
    contradicted({ name: 'aborting-checkout', refusal: reason }, gaveCheckout('recorded'));
    contradicted({ name: 'recording', order: order('paid') }, gaveCheckout('aborted'));
    contradicted({ name: 'reading-order', checkout: checkout('recorded') }, gaveOrder(reserved));
    contradicted({ name: 'reading-order', checkout: checkout('recorded') }, failed('NotFound'));
    contradicted({ name: 'reading-order', checkout: checkout('aborted') }, gaveOrder(order('paid')));
    for (const phase of WAITING.slice(4)) {
      if (phase.name !== 'marking-recorded') contradicted(phase, failed('InvalidArgument'));
    }
    contradicted({ name: 'recording', order: order('paid') }, failed('KeyExpired'));
  });

  it('after the answer is a broken assertion', () => {
    const marking = inPhase({ name: 'marking-recorded', order: order('paid') });
    expect(() => stepPurchase(marking, gaveOrder(order('cancelled')))).toThrow('the order is cancelled');
    expect(() => stepPurchase(marking, failed('InvalidArgument'))).toThrow('was refused');
  });

  it('is an answer to a question that was not asked', () => {
    const charging = inPhase({ name: 'charging', order: order('reserved') });
    expect(() => stepPurchase(charging, gaveOrder(order('paid')))).toThrow('Event order in phase charging');
    expect(() => stepPurchase(charging, gaveCheckout('open'))).toThrow('Event checkout');
    expect(() => stepPurchase(inPhase({ name: 'beginning-checkout' }), CHARGED)).toThrow('Event verdict');
    expect(() => stepPurchase(inPhase({ name: 'finished' }), failed('Unknown'))).toThrow('Event failed');
    expect(() => stepPurchase(inPhase({ name: 'not-started' }), failed('NotFound'))).toThrow('Event failed');
  });
});
