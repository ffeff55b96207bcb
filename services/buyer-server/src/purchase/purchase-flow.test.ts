import { CodedError, seededRandom, silentLogger, type Logger } from '@everopen/core';
import { SimulatedClock, World } from '@everopen/simulation';
import { describe, expect, it } from 'vitest';
import { aCheckout, anOrder, CARD, fakePorts, KEY, LINES, tombstone } from '../../test/fakes/fake-ports.ts';
import type { CallingOff, PurchasePorts } from './ports.ts';
import { createPurchaseFlow, type PurchaseFlow, type PurchaseRequest } from './purchase-flow.ts';
import type { PurchaseSettings } from './purchase-settings.ts';

const SESSION = new Uint8Array(32).fill(1);
const REQUEST: PurchaseRequest = { checkoutKey: KEY, sessionKey: SESSION, lines: LINES, card: CARD };
const never = (): Promise<never> => new Promise(() => {});
const lost = async (): Promise<never> => {
  throw new CodedError('Unknown', 'Lost');
};

interface Stage {
  readonly world: World;
  readonly flow: PurchaseFlow;
  /** What the log says, each line as JSON. */
  readonly logged: string[];
  /** Lets virtual time pass until the promise has settled; gives its value or its error's code. */
  readonly until: <T>(promise: Promise<T>) => Promise<T | string>;
}

function stage(ports: PurchasePorts, settings: Partial<PurchaseSettings> = {}): Stage {
  const world = new World({ seed: 1 });
  const logged: string[] = [];
  const log = (facts: object, message: string): void => void logged.push(JSON.stringify([message, facts]));
  const logger: Logger = { ...silentLogger, warn: log, error: log };
  const clock = new SimulatedClock(world);
  const flow = createPurchaseFlow({ ports, clock, logger, settings, random: seededRandom(1) });
  const until = async <T>(promise: Promise<T>): Promise<T | string> => {
    let settled = false;
    const outcome = promise
      .catch((error: unknown) => (error instanceof CodedError ? error.code : String(error)))
      .finally(() => (settled = true));
    await world.run(world.nowMs);
    await world.runUntil(() => settled, world.nowMs + 100_000);
    return outcome;
  };
  return { world, flow, logged, until };
}

describe('a purchase at a server', () => {
  it('is answered as paid, with the order, before the bookkeeping is done', async () => {
    const ports = fakePorts({ products: { markOrderRecorded: never } });
    const { flow, until } = stage(ports);
    const outcome = await until(flow.purchase(REQUEST));
    expect(outcome).toEqual({ status: 'paid', checkoutKey: KEY, order: anOrder({ state: 'paid' }) });
    expect(ports.calls.slice(0, 5)).toEqual([
      'beginCheckout',
      'placeOrder',
      'charge',
      'confirmOrder',
      'recordPurchase',
    ]);
  });

  it('is refused with the code, the words and the details of the database', async () => {
    const refusal = new CodedError('OutOfStock', 'Only 1 is left', { details: { left: 1 } });
    const { flow } = stage(fakePorts({ products: { placeOrder: () => Promise.reject(refusal) } }));
    await expect(flow.purchase(REQUEST)).rejects.toMatchObject({
      code: 'OutOfStock',
      message: 'Only 1 is left',
      details: { left: 1 },
    });
  });

  it('tries again what was lost, until it is through', async () => {
    let times = 0;
    const charge: PurchasePorts['payment']['charge'] = async ({ amountMinor, currency }) => {
      if (times++ < 3) throw new CodedError('PaymentUnavailable', 'Nobody there');
      return { result: 'charged', reference: 'pay_1', amountMinor, currency };
    };
    const { flow, until } = stage(fakePorts({ payment: { charge } }));
    expect(await until(flow.purchase(REQUEST))).toMatchObject({ status: 'paid' });
    expect(times).toBe(4);
  });

  it('is pending after a bounded wait when payment never answers, and nothing is undone', async () => {
    const ports = fakePorts({ payment: { charge: never } });
    const { flow, until, world } = stage(ports, { answerWithinMs: 4_000, paymentTimeoutMs: 1_500 });
    expect(await until(flow.purchase(REQUEST))).toEqual({
      status: 'pending',
      checkoutKey: KEY,
      lines: LINES,
      retryAfterMs: 2_000,
    });
    expect(world.nowMs).toBe(4_000);
    expect(ports.calls.filter((call) => call !== 'charge')).toEqual(['beginCheckout', 'placeOrder']);
    expect(ports.calls.filter((call) => call === 'charge').length).toBeGreaterThan(2);
  });

  it('is not begun for certain when the customers database never answers', async () => {
    const { flow, until } = stage(fakePorts({ customers: { beginCheckout: never } }));
    expect(await until(flow.purchase(REQUEST))).toBe('DeadlineExceeded');
  });

  it('a port that fails with an error of its own decides nothing, and the log has no word of it', async () => {
    const charge = async (): Promise<never> => {
      throw new TypeError(`cannot read ${CARD.number}`);
    };
    const { flow, until, logged } = stage(fakePorts({ payment: { charge } }));
    expect(await until(flow.purchase(REQUEST))).toMatchObject({ status: 'pending' });
    expect(logged.join()).toContain('TypeError');
    expect(logged.join()).not.toContain(CARD.number);
  });

  it('when databases and payment contradict each other, is reported and left alone', async () => {
    const ports = fakePorts({ products: { confirmOrder: async () => anOrder({ state: 'cancelled' }) } });
    const { flow, until, logged } = stage(ports);
    expect(await until(flow.purchase(REQUEST))).toBe('Internal');
    expect(logged.join()).toContain('the payment is charged, and the order is cancelled');
    expect(ports.calls).not.toContain('abortCheckout');
  });
});

describe('one key at a time', () => {
  it('the same request twice is one flow with one answer', async () => {
    const ports = fakePorts();
    const { flow } = stage(ports);
    const [first, second] = await Promise.all([flow.purchase(REQUEST), flow.purchase({ ...REQUEST })]);
    expect(second).toEqual(first);
    expect(ports.calls.filter((call) => call === 'charge')).toHaveLength(1);
  });

  it('another cart under a key in use is refused at once', async () => {
    const { flow, until } = stage(fakePorts({ payment: { charge: never } }));
    const first = flow.purchase(REQUEST);
    const lines = [{ ...LINES[0], quantity: 3 }] as PurchaseRequest['lines'];
    await expect(flow.purchase({ ...REQUEST, lines })).rejects.toMatchObject({ code: 'KeyReused' });
    expect(await until(first)).toMatchObject({ status: 'pending' });
  });

  it('another session waits for the flow, is given nothing of it, and is judged by the databases', async () => {
    const beginCheckout: PurchasePorts['customers']['beginCheckout'] = async ({ sessionKey }) => {
      if (sessionKey[0] !== 1) throw new CodedError('KeyReused', "Another buyer's");
      return aCheckout();
    };
    const { flow, until } = stage(fakePorts({ customers: { beginCheckout } }));
    const first = flow.purchase(REQUEST);
    const second = flow.purchase({ ...REQUEST, sessionKey: new Uint8Array(32).fill(2) });
    expect(await until(Promise.allSettled([first, second]))).toMatchObject([
      { value: { status: 'paid' } },
      { reason: { code: 'KeyReused' } },
    ]);
  });

  it('another session does not wait for ever', async () => {
    const ports = fakePorts({ payment: { charge: never } });
    const { flow, until, world } = stage(ports, { answerWithinMs: 1_000 });
    const first = flow.purchase(REQUEST);
    await world.run(500);
    const second = flow.purchase({ ...REQUEST, sessionKey: new Uint8Array(32).fill(2) });
    expect(await until(first)).toMatchObject({ status: 'pending' });
    expect(await until(second)).toMatchObject({ status: 'pending' });
    expect(world.nowMs).toBe(1_500);
  });
});

describe('limits', () => {
  const keyOf = (index: number): string => KEY.slice(0, -1) + index;

  it('a server carries a bounded number of purchases, and refuses more at once', async () => {
    const { flow, until } = stage(fakePorts({ payment: { charge: never } }), { maxInFlight: 2 });
    const carried = [1, 2].map((index) => flow.purchase({ ...REQUEST, checkoutKey: keyOf(index) }));
    const refused = flow.purchase({ ...REQUEST, checkoutKey: keyOf(3) });
    await expect(refused).rejects.toMatchObject({ code: 'Overloaded', details: { limit: 2 } });
    for (const outcome of carried) expect(await until(outcome)).toMatchObject({ status: 'pending' });
    const later = flow.purchase({ ...REQUEST, checkoutKey: keyOf(3) });
    expect(await until(later)).toMatchObject({ status: 'pending' });
  });

  it('a server that stops answers what it carries, and takes nothing more', async () => {
    const { flow, until } = stage(fakePorts());
    const carried = flow.purchase(REQUEST);
    const stopped = flow.stop();
    await expect(flow.purchase(REQUEST)).rejects.toMatchObject({ code: 'Closed' });
    expect(await until(carried)).toMatchObject({ status: 'paid' });
    expect(await until(stopped)).toBeUndefined();
  });
});

describe('a look at a purchase by its key', () => {
  const look = (
    customers: Partial<PurchasePorts['customers']>,
    products: Partial<PurchasePorts['products']>,
  ) => {
    const { flow, until } = stage(fakePorts({ customers, products }));
    return until(flow.lookup(KEY, SESSION));
  };
  const unknown = async (): Promise<never> => {
    throw new CodedError('NotFound', 'Unknown');
  };
  const forgotten = async (): Promise<never> => {
    throw new CodedError('KeyExpired', 'A day ago');
  };

  it('M20: shows a paid order, also a day later, when the checkout is forgotten', async () => {
    const getOrder = async () => anOrder({ state: 'recorded' });
    expect(await look({}, { getOrder })).toMatchObject({ status: 'paid', order: { orderId: 9 } });
    expect(await look({ getCheckout: forgotten }, { getOrder })).toMatchObject({ status: 'paid' });
  });

  it('is pending while it can still be paid, and until the lines are back', async () => {
    expect(await look({}, { getOrder: unknown })).toMatchObject({ status: 'pending', lines: LINES });
    expect(await look({}, {})).toMatchObject({ status: 'pending' });
    const getOrder = async () => anOrder({ state: 'cancelled', cancelReason: 'PaymentDeclined' });
    expect(await look({}, { getOrder })).toMatchObject({ status: 'pending' });
  });

  it('says why it was refused', async () => {
    const getCheckout = async () => aCheckout({ state: 'aborted', lines: [] });
    const getOrder = async () => anOrder({ state: 'cancelled', cancelReason: 'PaymentDeclined' });
    expect(await look({ getCheckout }, { getOrder })).toMatchObject({
      status: 'refused',
      refusal: { code: 'PaymentDeclined' },
      lines: LINES,
    });
    // The tombstone goes with its key, after a day.
    expect(await look({ getCheckout }, { getOrder: unknown })).toMatchObject({
      refusal: { code: 'KeyExpired' },
    });
  });

  it('M17: says why it was refused in the words and details of the first answer', async () => {
    const kept: CallingOff[] = [];
    const refusal = new CodedError('OutOfStock', 'Only 1 is left', { details: { left: 1 } });
    const placeOrder = () => Promise.reject(refusal);
    const abortOrder: PurchasePorts['products']['abortOrder'] = async (request) => {
      kept.push(request);
      return tombstone(request);
    };
    const { flow } = stage(fakePorts({ products: { placeOrder, abortOrder } }));
    await expect(flow.purchase(REQUEST)).rejects.toMatchObject({ code: 'OutOfStock' });
    const getCheckout = async () => aCheckout({ state: 'aborted', lines: [] });
    const getOrder = async () => tombstone(kept[0] as CallingOff);
    expect(await look({ getCheckout }, { getOrder })).toMatchObject({
      status: 'refused',
      refusal: { code: 'OutOfStock', message: 'Only 1 is left', details: { left: 1 } },
    });
  });

  it("tells nobody of another's purchase, in the words of one that does not exist", async () => {
    const theirs = { getCheckout: async () => aCheckout({ buyerId: 4 }) };
    const theirOrder = { getOrder: async () => anOrder({ buyerId: 4, state: 'recorded' }) };
    expect(await look(theirs, theirOrder)).toBe('NotFound');
    expect(await look({ getCheckout: forgotten }, theirOrder)).toBe('NotFound');
    expect(await look({ getCheckout: unknown }, { getOrder: unknown })).toBe('NotFound');
  });

  it('needs a session, and two databases that answer', async () => {
    const checkBuyerSession = async (): Promise<never> => {
      throw new CodedError('Unauthenticated', 'Ended');
    };
    expect(await look({ checkBuyerSession }, {})).toBe('Unauthenticated');
    expect(await look({ getCheckout: never }, {})).toBe('DeadlineExceeded');
    expect(await look({}, { getOrder: lost })).toBe('Unknown');
  });

  it('reports a recorded checkout without an order', async () => {
    const getCheckout = async () => aCheckout({ state: 'recorded' });
    expect(await look({ getCheckout }, { getOrder: unknown })).toBe('Internal');
  });
});
