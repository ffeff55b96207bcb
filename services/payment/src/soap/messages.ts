import type { Card } from '../card/card.ts';
import type { CardBrand } from '../card/card-brand.ts';
import type { LedgerEntry, PaymentOutcome } from '../ledger/ledger-entry.ts';
import { escapeXml } from '../xml/escape-xml.ts';
import type { XmlElement } from '../xml/xml-element.ts';
import { FieldReader } from './field-reader.ts';

/*
 * The messages of the WSDL (`wsdl.ts`), both ways: document/literal wrapped, every element in NAMESPACE.
 *
 *   Charge { key, amountMinor, currency, card { holderName, number, expiryMonth, expiryYear, securityCode } }
 *   Void { key }
 *   ChargeResponse, VoidResponse { key, outcome, reference, amountMinor, currency }
 *   ListEntries { after, limit }
 *   ListEntriesResponse { entry* { number, key, outcome, reference, amountMinor, currency,
 *                                  cardBrand?, cardLastFour?, decidedAtUnixMs } }
 */
export const NAMESPACE = 'urn:everopen:payment:v1';

export const OPERATIONS = ['Charge', 'Void', 'ListEntries'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** The SOAPAction of SOAP 1.1, the `action` of SOAP 1.2. */
export function actionOf(operation: Operation): string {
  return `${NAMESPACE}:${operation}`;
}

export interface ChargeMessage {
  readonly key: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly card: Card;
}

/** What Charge and Void answer. */
export interface AnswerMessage {
  readonly key: string;
  readonly outcome: PaymentOutcome;
  readonly reference: string;
  readonly amountMinor: number;
  readonly currency: string;
}

const CARD_FIELDS = ['holderName', 'number', 'expiryMonth', 'expiryYear', 'securityCode'] as const;
const ANSWER_FIELDS = ['key', 'outcome', 'reference', 'amountMinor', 'currency'] as const;
const ENTRY_FIELDS = [...ANSWER_FIELDS, 'number', 'cardBrand', 'cardLastFour', 'decidedAtUnixMs'] as const;

export function writeCharge(charge: ChargeMessage): string {
  const { card } = charge;
  return wrapped(
    'Charge',
    field('key', charge.key) +
      field('amountMinor', charge.amountMinor) +
      field('currency', charge.currency) +
      `<card>${field('holderName', card.holderName)}${field('number', card.number)}` +
      `${field('expiryMonth', card.expiryMonth)}${field('expiryYear', card.expiryYear)}` +
      `${field('securityCode', card.securityCode)}</card>`,
  );
}

export function readCharge(message: XmlElement): ChargeMessage {
  const fields = new FieldReader(message, ['key', 'amountMinor', 'currency', 'card']);
  const card = fields.nested('card', CARD_FIELDS);
  return {
    key: fields.text('key'),
    amountMinor: fields.integer('amountMinor'),
    currency: fields.text('currency'),
    card: {
      holderName: card.text('holderName'),
      number: card.text('number'),
      expiryMonth: card.integer('expiryMonth'),
      expiryYear: card.integer('expiryYear'),
      securityCode: card.text('securityCode'),
    },
  };
}

export function writeVoid(key: string): string {
  return wrapped('Void', field('key', key));
}

export function readVoid(message: XmlElement): { readonly key: string } {
  return { key: new FieldReader(message, ['key']).text('key') };
}

export function writeListEntries(after: number, limit: number): string {
  return wrapped('ListEntries', field('after', after) + field('limit', limit));
}

export function readListEntries(message: XmlElement): { readonly after: number; readonly limit: number } {
  const fields = new FieldReader(message, ['after', 'limit']);
  return { after: fields.integer('after'), limit: fields.integer('limit') };
}

export function writeAnswer(operation: 'Charge' | 'Void', answer: AnswerMessage): string {
  return wrapped(`${operation}Response`, answerFields(answer));
}

export function readAnswer(message: XmlElement): AnswerMessage {
  return answerOf(new FieldReader(message, ANSWER_FIELDS));
}

export function writeEntries(entries: readonly LedgerEntry[]): string {
  return wrapped('ListEntriesResponse', entries.map(entryElement).join(''));
}

export function readEntries(message: XmlElement): LedgerEntry[] {
  return message.children.map((entry) => entryOf(new FieldReader(entry, ENTRY_FIELDS, 'entry.')));
}

function entryElement(entry: LedgerEntry): string {
  const card =
    entry.card === undefined
      ? ''
      : field('cardBrand', entry.card.brand) + field('cardLastFour', entry.card.lastFour);
  return `<entry>${field('number', entry.number)}${answerFields(entry)}${card}${field('decidedAtUnixMs', entry.decidedAtUnixMs)}</entry>`;
}

function entryOf(fields: FieldReader): LedgerEntry {
  const card = fields.has('cardBrand')
    ? { brand: fields.text('cardBrand') as CardBrand, lastFour: fields.text('cardLastFour') }
    : undefined;
  return {
    ...answerOf(fields),
    number: fields.integer('number'),
    card,
    decidedAtUnixMs: fields.integer('decidedAtUnixMs'),
  };
}

function answerFields(answer: AnswerMessage): string {
  return (
    field('key', answer.key) +
    field('outcome', answer.outcome) +
    field('reference', answer.reference) +
    field('amountMinor', answer.amountMinor) +
    field('currency', answer.currency)
  );
}

/** The texts as they came: whoever reads an answer decides whether to believe it. */
function answerOf(fields: FieldReader): AnswerMessage {
  return {
    key: fields.text('key'),
    outcome: fields.text('outcome') as PaymentOutcome,
    reference: fields.text('reference'),
    amountMinor: fields.integer('amountMinor'),
    currency: fields.text('currency'),
  };
}

function wrapped(name: string, fields: string): string {
  return `<${name} xmlns="${NAMESPACE}">${fields}</${name}>`;
}

function field(name: string, value: string | number): string {
  return `<${name}>${typeof value === 'number' ? value : escapeXml(value)}</${name}>`;
}
