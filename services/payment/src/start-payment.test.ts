import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClientAsync } from 'soap';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TEST_CARDS } from './card/test-cards.ts';
import { DRAWN_CARD, OPERATOR_KEY, TestService } from '../test/test-service.ts';

let service: TestService;

beforeEach(async () => {
  service = new TestService();
  await service.start();
});
afterEach(() => service.remove());

const CHARGE = { amountMinor: 1999, currency: 'EUR', card: DRAWN_CARD };

describe('the payment service', () => {
  it.each([
    ['1.1', false],
    ['1.2', true],
  ])(
    'P1: a SOAP %s client made from the WSDL alone charges, voids, lists, and understands faults',
    async (_, soap12) => {
      const client = await createClientAsync(`${service.url}?wsdl`, { forceSoap12Headers: soap12 });
      const card = { ...DRAWN_CARD, number: TEST_CARDS.approved[0] };
      const call = async (name: string, args: object): Promise<unknown> =>
        (await (client[`${name}Async`] as (args: object) => Promise<unknown[]>)(args))[0];

      for (const [name, args] of [
        ['Charge', { key: 'k1', amountMinor: 1, currency: 'EUR', card }],
        ['Void', { key: 'k1' }],
        ['ListEntries', { after: 0, limit: 10 }],
      ] as const) {
        await expect(call(name, args)).rejects.toThrow("shop's key");
      }
      client.addHttpHeader('authorization', `Bearer ${OPERATOR_KEY}`);
      expect(await call('Charge', { key: 'k1', amountMinor: 1999, currency: 'EUR', card })).toMatchObject({
        key: 'k1',
        outcome: 'charged',
        reference: expect.stringMatching(/^pay_[0-9a-f]{24}$/) as string,
        currency: 'EUR',
      });
      expect(await call('Void', { key: 'k1' })).toMatchObject({ outcome: 'charged' });
      expect(await call('Void', { key: 'k2' })).toMatchObject({ outcome: 'voided', currency: 'XXX' });
      expect(await call('ListEntries', { after: 0, limit: 10 })).toMatchObject({
        entry: [{ key: 'k1', cardLastFour: '1111' }, { key: 'k2' }],
      });
      await expect(
        call('Charge', { key: 'k3', amountMinor: 1, currency: 'EUR', card: { ...card, expiryMonth: 13 } }),
      ).rejects.toThrow('expiryMonth');
    },
  );

  it('P2: of 10,000 charges 90 % ± 1 % are approved; with share 0 all, with share 1 none', async () => {
    const client = service.client();
    let declined = 0;
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < 10_000) {
        const { outcome } = await client.charge({ ...CHARGE, key: `key-${next++}` });
        if (outcome === 'declined') declined++;
      }
    };
    await Promise.all(Array.from({ length: 32 }, worker));
    expect(declined).toBeGreaterThan(900);
    expect(declined).toBeLessThan(1_100);

    for (const [declineShare, outcome] of [
      [0, 'charged'],
      [1, 'declined'],
    ] as const) {
      await service.stop();
      await service.start({ declineShare });
      const answer = await service.client().charge({ ...CHARGE, key: `share-${declineShare}` });
      expect(answer.outcome).toBe(outcome);
    }
  });

  it('P2: test cards force either answer', async () => {
    const client = service.client();
    for (const [list, outcome] of [
      [TEST_CARDS.approved, 'charged'],
      [TEST_CARDS.declined, 'declined'],
    ] as const) {
      for (const number of list) {
        const card = { ...DRAWN_CARD, number, securityCode: number.startsWith('3') ? '1234' : '123' };
        for (let n = 0; n < 20; n++) {
          expect((await client.charge({ ...CHARGE, key: `${number.slice(-4)}-${n}`, card })).outcome).toBe(
            outcome,
          );
        }
      }
    }
  });

  it('P3: the same key has one answer: under 100 concurrent duplicates, and across a restart', async () => {
    const charge = { ...CHARGE, key: 'once' };
    const client = service.client();
    const answers = await Promise.all(Array.from({ length: 100 }, () => client.charge(charge)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    await service.stop();
    await service.start({ seed: 77, declineShare: 0.5 });
    const restarted = service.client();
    expect(await restarted.charge(charge)).toEqual(answers[0]);
    expect(await restarted.void({ key: 'once' })).toEqual(answers[0]);
    expect(await restarted.listEntries(0, 100)).toHaveLength(1);
    await expect(restarted.charge({ ...charge, amountMinor: 2_000 })).rejects.toMatchObject({
      code: 'KeyReused',
      details: { field: 'amountMinor' },
    });
  });

  it('P3: of charges and voids that race, the first wins for all of them', async () => {
    const client = service.client();
    const winners = new Set<string>();
    for (let round = 0; round < 40; round++) {
      const key = `race-${round}`;
      const card = { ...DRAWN_CARD, number: TEST_CARDS.approved[0] };
      const calls = Array.from({ length: 8 }, (_, n) =>
        (n + round) % 2 === 0 ? client.void({ key }) : client.charge({ ...CHARGE, key, card }),
      );
      const outcomes = new Set((await Promise.all(calls)).map((answer) => answer.outcome));
      expect(outcomes.size).toBe(1);
      winners.add([...outcomes][0] as string);
    }
    expect(winners).toEqual(new Set(['charged', 'voided']));
  });

  it('P4: no file and no log line has a card number or a security code after a run', async () => {
    const client = service.client();
    const secrets = [...TEST_CARDS.approved, ...TEST_CARDS.declined, DRAWN_CARD.number];
    for (const [n, number] of secrets.entries()) {
      const card = { ...DRAWN_CARD, number, securityCode: number.startsWith('3') ? '9753' : '975' };
      await client.charge({ ...CHARGE, key: `a-${n}`, card });
      await service.post(`<?xml version="1.0"?><x>${number}</x>`);
      await service.post(`not XML ${number} 975`);
      await service.post(soapCharge({ key: number, card: '' }));
      await service.post(soapCharge({ key: `b-${n}`, card: `<number>${number}</number>` }));
    }
    const texts = [...service.logged];
    const collect = (): void => {
      for (const name of readdirSync(service.directory)) {
        texts.push(readFileSync(join(service.directory, name), 'latin1'));
      }
    };
    collect();
    await service.stop();
    collect();
    expect(texts.join('\n')).toContain('a-0');
    expect(texts.join('\n')).toContain('1111');
    for (const text of texts) {
      for (const secret of secrets) expect(text.includes(secret)).toBe(false);
      expect(/9753|[^0-9a-f]975[^0-9a-f]/.test(text)).toBe(false);
    }
  });

  it('M15: an invalid card is refused by the service as well, and leaves no trace', async () => {
    const response = await service.post(
      soapCharge({
        key: 'k',
        card: '<holderName>A</holderName><number>4242424242424241</number><expiryMonth>1</expiryMonth><expiryYear>2040</expiryYear><securityCode>123</securityCode>',
      }),
    );
    expect(response.status).toBe(500);
    const fault = await response.text();
    expect(fault).toContain('<faultcode>s:Client</faultcode>');
    expect(fault).toContain('<code>InvalidCard</code>');
    expect(fault).toContain('<field>number</field>');
    expect(await service.client().listEntries(0, 1)).toEqual([]);
  });

  it('serves health, and refuses other paths, methods and a wrong operator key', async () => {
    const origin = new URL(service.url).origin;
    expect(await (await fetch(`${origin}/health`)).json()).toEqual({ status: 'ok' });
    expect((await fetch(`${origin}/nowhere`)).status).toBe(404);
    expect((await fetch(service.url, { method: 'PUT' })).status).toBe(405);
    expect((await fetch(service.url)).status).toBe(405);
    const wrong = await service.post(soapCharge({ key: 'k', card: '' }), { authorization: 'Bearer wrong' });
    expect(await wrong.text()).toContain('Unauthenticated');
  });

  it.each([
    ['declineShare', { declineShare: 1.1 }],
    ['seed', { seed: 0.5 }],
    ['delayMs', { delayMs: -1 }],
    ['clusterKey', { clusterKey: '' }],
  ])('refuses a bad setting %s', async (field, config) => {
    const other = new TestService();
    await expect(other.start(config)).rejects.toMatchObject({ code: 'InvalidArgument', details: { field } });
    await other.remove();
  });
});

function soapCharge({ key, card }: { key: string; card: string }): string {
  return `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><Charge xmlns="urn:everopen:payment:v1"><key>${key}</key><amountMinor>1</amountMinor><currency>EUR</currency><card>${card}</card></Charge></s:Body></s:Envelope>`;
}
