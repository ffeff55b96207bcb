import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DRAWN_CARD, TestService } from '../../test/test-service.ts';

const service = new TestService();
beforeAll(() => service.start());
afterAll(() => service.remove());

const NAMESPACE = 'urn:everopen:payment:v1';
const SOAP_11 = 'http://schemas.xmlsoap.org/soap/envelope/';
const CARD = `<holderName>${DRAWN_CARD.holderName}</holderName><number>${DRAWN_CARD.number}</number><expiryMonth>12</expiryMonth><expiryYear>${DRAWN_CARD.expiryYear}</expiryYear><securityCode>123</securityCode>`;

function message(
  fields: { key?: string; amount?: string; currency?: string; card?: string; more?: string } = {},
): string {
  const { key = 'attack', amount = '100', currency = 'EUR', card = CARD, more = '' } = fields;
  return `<Charge xmlns="${NAMESPACE}"><key>${key}</key><amountMinor>${amount}</amountMinor><currency>${currency}</currency><card>${card}</card>${more}</Charge>`;
}

function envelope(body: string, header = '', namespace = SOAP_11): string {
  return `<s:Envelope xmlns:s="${namespace}">${header}<s:Body>${body}</s:Body></s:Envelope>`;
}

const laughs = Array.from({ length: 9 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('');
const good = envelope(message());

const ATTACKS: [string, string | Uint8Array, Record<string, string>?][] = [
  [
    'an external entity',
    `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>${envelope(message({ key: '&x;' }))}`,
  ],
  ['an external document type', `<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">${good}`],
  ['a parameter entity', `<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/"> %x;]>${good}`],
  ['a billion laughs', `<!DOCTYPE a [<!ENTITY l0 "ha">${laughs}]>${envelope(message({ key: '&l9;' }))}`],
  [
    'quadratic expansion',
    `<!DOCTYPE a [<!ENTITY x "${'a'.repeat(20_000)}">]>${envelope(message({ key: '&x;'.repeat(5_000) }))}`,
  ],
  [
    'an XInclude',
    envelope(
      message({ key: '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>' }),
    ),
  ],
  ['nesting of 10,000 levels', envelope('<a>'.repeat(10_000))],
  ['60,000 bytes of "<"', '<'.repeat(60_000)],
  ['60,000 bytes of attributes', `<a ${'b="" '.repeat(12_000)}/>`],
  ['60,000 bytes of comment openings', '<!--'.repeat(15_000)],
  ['60,000 bytes of ampersands', envelope(message({ key: '&amp'.repeat(15_000) }))],
  ['a processing instruction', `<?xml-stylesheet href="http://127.0.0.1:9/"?>${good}`],
  ['a wrong SOAPAction', good, { soapaction: `"${NAMESPACE}:Void"` }],
  ['a SOAPAction of somebody else', good, { soapaction: 'urn:other' }],
  [
    'a second body',
    good.replace('</s:Envelope>', `<s:Body>${message({ key: 'second' })}</s:Body></s:Envelope>`),
  ],
  ['two messages in a body', envelope(message() + message({ key: 'second' }))],
  ['a body before the header', good.replace('</s:Envelope>', '<s:Header/></s:Envelope>')],
  ['UTF-16 with a mark', Buffer.from(`\ufeff<?xml version="1.0" encoding="UTF-16"?>${good}`, 'utf16le')],
  ['UTF-16 without one', Buffer.from(good, 'utf16le')],
  ['UTF-16 by content type', Buffer.from(good, 'utf16le'), { 'content-type': 'text/xml; charset=utf-16' }],
  ['UTF-7 declared', `<?xml version="1.0" encoding="UTF-7"?>${good.replaceAll('<', '+ADw-')}`],
  ['UTF-7 by content type', good, { 'content-type': 'text/xml; charset=utf-7' }],
  ['bytes that are no UTF-8', Buffer.concat([Buffer.from(good), Buffer.from([0xc0, 0xaf])])],
  ['JSON', '{"key":"attack"}', { 'content-type': 'application/json' }],
  ['SOAP 1.2 in a 1.1 content type', envelope(message(), '', 'http://www.w3.org/2003/05/soap-envelope')],
  ['SOAP 1.1 in a 1.2 content type', good, { 'content-type': 'application/soap+xml' }],
  ['an unknown envelope', envelope(message(), '', 'urn:soap')],
  [
    'a header that must be understood',
    envelope(message(), `<s:Header><a xmlns="urn:a" s:mustUnderstand="1"/></s:Header>`),
  ],
  ['nothing', ''],
  ['an empty body', envelope('')],
  ['an unknown operation', envelope(`<Refund xmlns="${NAMESPACE}"/>`)],
  ['an operation of another namespace', envelope('<Charge xmlns="urn:other"/>')],
  ['a field too many', envelope(message({ more: '<tip>1</tip>' }))],
  ['a field twice', envelope(message({ more: '<amountMinor>1</amountMinor>' }))],
  [
    'a missing card',
    envelope(
      `<Charge xmlns="${NAMESPACE}"><key>attack</key><amountMinor>1</amountMinor><currency>EUR</currency></Charge>`,
    ),
  ],
  ['text between the fields', envelope(message({ more: 'and so on' }))],
  ['an element in a text field', envelope(message({ key: '<b>attack</b>' }))],
  ...[
    '-1',
    '0',
    '1.5',
    '1e3',
    '0x10',
    '',
    'one',
    'NaN',
    'Infinity',
    '9'.repeat(17),
    '9'.repeat(400),
    '１',
  ].map((amount): [string, string] => [`the amount "${amount.slice(0, 20)}"`, envelope(message({ amount }))]),
  ...['eur', 'EURO', 'XXX', '', '__proto__'].map((currency): [string, string] => [
    `the currency "${currency}"`,
    envelope(message({ currency })),
  ]),
  ...['', ' ', "x' OR 1=1 --", '../../etc', 'a'.repeat(65), 'ключ', '4242424242424242'].map(
    (key): [string, string] => [`the key "${key.slice(0, 20)}"`, envelope(message({ key }))],
  ),
];

async function entries(): Promise<number> {
  return (await service.client().listEntries(0, 100)).length;
}

describe('A14: attacks on the SOAP service', () => {
  it.each(ATTACKS)(
    'A14: %s is a fault of the client, and nothing is recorded',
    async (_name, body, headers) => {
      const response = await service.post(body, headers);
      const fault = await response.text();
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(fault).toMatch(
        /<faultcode>s:(?:Client|VersionMismatch|MustUnderstand)<|<s:Value>s:(?:Sender|VersionMismatch)</,
      );
      expect(fault).toMatch(/<code>\w+<\/code><message>.+<\/message><remedy>.+<\/remedy>/);
      expect(fault).not.toContain('root:');
      expect(await entries()).toBe(0);
    },
  );

  it('A14: 10 MB are refused before they are read, whether announced or not', async () => {
    for (const chunked of [false, true]) {
      const answer = await raw([
        `POST /payment HTTP/1.1\r\nhost: a\r\ncontent-type: text/xml\r\n`,
        chunked ? 'transfer-encoding: chunked\r\n\r\n' : `content-length: 10000000\r\n\r\n`,
        ...(chunked
          ? Array.from({ length: 5 }, () => `4000\r\n${'a'.repeat(0x4000)}\r\n`)
          : ['a'.repeat(1_000)]),
      ]);
      expect(answer).toMatch(/^HTTP\/1\.1 413 /);
      expect(answer).toContain('<code>PayloadTooLarge</code>');
    }
    expect(await entries()).toBe(0);
  });

  it('cuts off headers that never end', { timeout: 15_000 }, async () => {
    expect(await raw(['POST /payment HTTP/1.1\r\nhost: a\r\nx-slow: '])).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('refuses 100,000 headers', async () => {
    expect(await raw(['POST /payment HTTP/1.1\r\n', 'a: b\r\n'.repeat(100_000)])).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('fuzz: a damaged charge is a fault or the charge itself, never anything else', async () => {
    const client = service.client();
    await client.charge({ key: 'attack', amountMinor: 100, currency: 'EUR', card: DRAWN_CARD });
    const damage = fc.record({
      at: fc.nat(good.length),
      remove: fc.nat(8),
      put: fc.oneof(fc.string(), fc.constantFrom('<', '</', '&', '"', '>', '<![CDATA[', '<a/>', '-', '9')),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ at, remove, put }) => {
        const response = await service.post(good.slice(0, at) + put + good.slice(at + remove));
        const text = await response.text();
        if (response.status === 200) expect(text).toContain('ChargeResponse');
        else expect(text).toMatch(/<faultcode>s:(?:Client|VersionMismatch)</);
      }),
      { numRuns: 500 },
    );
    for (const entry of await client.listEntries(0, 100)) expect(entry.amountMinor).toBeGreaterThan(0);
  });
});

/** Writes the pieces to a socket and resolves with all that comes back until it is closed. */
function raw(pieces: string[]): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1', () => {
      for (const piece of pieces) socket.write(piece);
    });
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => (answer += text));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(answer));
  });
}
