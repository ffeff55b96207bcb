import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isCodedError } from '@everopen/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DRAWN_CARD, TestService } from '../../test/test-service.ts';
import { writeEnvelope } from '../soap/envelope.ts';
import { writeAnswer, writeEntries, type AnswerMessage } from '../soap/messages.ts';
import { CALLS_MAX, createPaymentClient } from './create-payment-client.ts';
import type { PaymentClient } from './payment-client.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const CHARGE = { key: 'k', amountMinor: 100, currency: 'EUR', card: DRAWN_CARD };
const TRUTH: AnswerMessage = {
  key: 'k',
  outcome: 'charged',
  reference: 'pay_1',
  amountMinor: 100,
  currency: 'EUR',
};

let server: Server;
let answer: Answer;
let received: number;
let client: PaymentClient;

beforeEach(async () => {
  received = 0;
  server = createServer((request, response) => {
    received++;
    request.resume();
    response.on('error', () => {});
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = createPaymentClient({ url: url(), clusterKey: 'a key', deadlineMs: 3_000 });
});
afterEach(async () => {
  await client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function url(): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/payment`;
}

function text(body: string, status = 200): Answer {
  return (_request, response) => response.writeHead(status).end(body);
}

function lie(change: Partial<Record<keyof AnswerMessage, unknown>>): Answer {
  return text(writeEnvelope('1.1', writeAnswer('Charge', { ...TRUTH, ...change } as AnswerMessage)));
}

const truth = writeEnvelope('1.1', writeAnswer('Charge', TRUTH));

describe('A15: the payment client before a hostile service', () => {
  it('believes an answer that is whole and to the point', async () => {
    answer = text(truth);
    const { key: _key, ...rest } = TRUTH;
    expect(await client.charge(CHARGE)).toEqual(rest);
    answer = lie({ outcome: 'voided', amountMinor: 0, currency: 'XXX' });
    expect((await client.charge(CHARGE)).outcome).toBe('voided');
  });

  it.each<[string, Answer]>([
    ['another key', lie({ key: 'other' })],
    ['"yes" for another amount', lie({ amountMinor: 101 })],
    ['"no" for another amount', lie({ outcome: 'declined', amountMinor: 101 })],
    ['another currency', lie({ currency: 'USD' })],
    ['an unknown outcome', lie({ outcome: 'perhaps' })],
    ['an outcome named as a property', lie({ outcome: 'constructor' })],
    ['a void of an amount', lie({ outcome: 'voided' })],
    ['no reference', lie({ reference: '' })],
    ['a reference with markup', lie({ reference: '<script>' })],
    ['an amount with a fraction', lie({ amountMinor: 100.5 })],
    ['the answer to Void', text(truth.replaceAll('ChargeResponse', 'VoidResponse'))],
    ['"yes" twice in one body', text(truth.replace(/(<ChargeResponse.*<\/ChargeResponse>)/, '$1$1'))],
    ['a field twice', text(truth.replace('<key>', '<key>k</key><key>'))],
    ['a namespace of its own', text(truth.replace('urn:everopen:payment:v1', 'urn:other'))],
    ['a document type', text(truth.replace('?>', '?><!DOCTYPE a>'))],
    ['"yes" with status 500', text(truth, 500)],
    ['"yes" with status 302', (_, response) => response.writeHead(302, { location: url() }).end(truth)],
    ['HTML', text('<!doctype html><title>Bad gateway</title>', 502)],
    ['well-formed HTML with status 200', text('<html><body>charged</body></html>')],
    ['nothing', text('')],
    ['half an answer', text(truth.slice(0, 200))],
    ['bytes that are no UTF-8', (_, response) => response.end(Buffer.from([0xff, 0xfe, 0x00]))],
    ['a fault that it does not know', text(writeEnvelope('1.1', '<s:Fault/>'), 500)],
    ['a connection that is cut', (request) => request.socket.destroy()],
    [
      'half an answer, then a cut',
      (request, response) => {
        response.writeHead(200, { 'content-length': truth.length });
        response.write(truth.slice(0, 100), () => request.socket.destroy());
      },
    ],
  ])('A15: %s leaves the outcome unknown', async (_name, hostile) => {
    answer = hostile;
    await expect(client.charge(CHARGE)).rejects.toMatchObject({ code: 'PaymentUnavailable' });
    expect(received).toBe(1);
  });

  it('A15: an answer of 1 GB is cut off after a few buffers', async () => {
    let sent = 0;
    answer = (_, response) => {
      const chunk = Buffer.alloc(64 * 1024, 'a');
      const more = (): void => {
        while (sent < 2 ** 30 && !response.destroyed) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
      };
      more();
    };
    await expect(client.charge(CHARGE)).rejects.toMatchObject({ code: 'PaymentUnavailable' });
    expect(sent).toBeLessThan(2 ** 25);
  });

  it.each<[string, Answer]>([
    ['no answer at all', () => {}],
    [
      'an answer that drips',
      (_, response) => {
        const drip = setInterval(() => response.write(' '), 10);
        response.on('close', () => clearInterval(drip));
      },
    ],
  ])('A15: %s ends at the deadline', async (_name, slow) => {
    answer = slow;
    await expect(client.charge(CHARGE, { deadlineMs: 60 })).rejects.toMatchObject({
      code: 'PaymentUnavailable',
      message: expect.stringContaining('60 ms') as string,
    });
  });

  it('A15: nobody there', async () => {
    const nobody = createPaymentClient({ url: 'http://127.0.0.1:1/payment', clusterKey: 'a key' });
    await expect(nobody.charge(CHARGE)).rejects.toMatchObject({ code: 'PaymentUnavailable' });
    await nobody.close();
  });

  it('A15: lists that contradict themselves are not believed', async () => {
    const entry = {
      ...TRUTH,
      number: 1,
      card: { brand: 'visa', lastFour: '4242' },
      decidedAtUnixMs: 1,
    } as const;
    const list = (...entries: Parameters<typeof writeEntries>[0]): Answer =>
      text(writeEnvelope('1.1', writeEntries(entries)));
    answer = list(entry, { ...entry, number: 3 });
    expect(await client.listEntries(0, 2)).toHaveLength(2);
    for (const hostile of [
      list(entry, entry),
      list({ ...entry, number: 0 }),
      list({ ...entry, card: undefined }),
      list({ ...entry, card: { brand: 'visa', lastFour: '4242424242424242' } }),
      list(entry, { ...entry, number: 2 }, { ...entry, number: 3 }),
    ]) {
      answer = hostile;
      await expect(client.listEntries(0, 2)).rejects.toMatchObject({ code: 'PaymentUnavailable' });
    }
  });

  it('M15: a bad request is refused before anything is sent', async () => {
    answer = text(truth);
    for (const [bad, code, field] of [
      [{ ...CHARGE, key: 'a b' }, 'InvalidArgument', 'key'],
      [{ ...CHARGE, amountMinor: 0 }, 'InvalidArgument', 'amountMinor'],
      [{ ...CHARGE, currency: 'XYZ' }, 'InvalidArgument', 'currency'],
      [{ ...CHARGE, card: { ...DRAWN_CARD, number: '1' } }, 'InvalidCard', 'number'],
    ] as const) {
      await expect(client.charge(bad)).rejects.toMatchObject({ code, details: { field } });
    }
    expect(received).toBe(0);
  });

  it('bounds the calls under way, and ends them when closed', async () => {
    answer = () => {};
    const calls = Array.from({ length: CALLS_MAX }, () => client.void({ key: 'k' }));
    const ended = Promise.allSettled(calls);
    await expect(client.void({ key: 'k' })).rejects.toMatchObject({ code: 'Overloaded' });
    await client.close();
    for (const call of await ended) {
      expect(call).toMatchObject({ status: 'rejected', reason: { code: 'PaymentUnavailable' } });
    }
    await expect(client.void({ key: 'k' })).rejects.toMatchObject({ code: 'Closed' });
  });

  it('fuzz: a damaged answer is the truth or PaymentUnavailable, never anything else', async () => {
    const damage = fc.record({
      at: fc.nat(truth.length),
      remove: fc.nat(8),
      put: fc.string({ maxLength: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ at, remove, put }) => {
        answer = text(truth.slice(0, at) + put + truth.slice(at + remove));
        try {
          expect(await client.charge(CHARGE)).toMatchObject({ amountMinor: 100, currency: 'EUR' });
        } catch (error) {
          if (!isCodedError(error, 'PaymentUnavailable')) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the payment client and a slow service', () => {
  it('P3: an answer that was lost is the same when it is asked for again', async () => {
    const service = new TestService();
    await service.start({ delayMs: 300 });
    const impatient = service.client();
    await expect(impatient.charge(CHARGE, { deadlineMs: 100 })).rejects.toMatchObject({
      code: 'PaymentUnavailable',
    });
    const outcome = (await impatient.charge(CHARGE)).outcome;
    expect((await impatient.void({ key: 'k' })).outcome).toBe(outcome);
    expect(await impatient.listEntries(0, 10)).toHaveLength(1);
    await service.remove();
  });
});
