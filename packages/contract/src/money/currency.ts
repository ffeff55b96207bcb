/** ISO 4217 codes that prices may have, with the number of digits of their minor unit. */
export const CURRENCIES: Readonly<Record<string, number>> = {
  USD: 2,
  EUR: 2,
  GBP: 2,
  CHF: 2,
  CAD: 2,
  AUD: 2,
  INR: 2,
  BRL: 2,
  CNY: 2,
  SEK: 2,
  NOK: 2,
  DKK: 2,
  PLN: 2,
  JPY: 0,
  KRW: 0,
};

export function isCurrency(code: string): boolean {
  return Object.hasOwn(CURRENCIES, code);
}

/** "12.34 EUR" from 1234 minor units. */
export function formatMoney(minor: number, currency: string): string {
  const digits = CURRENCIES[currency] ?? 2;
  if (digits === 0) return `${minor} ${currency}`;
  const sign = minor < 0 ? '-' : '';
  const text = Math.abs(minor)
    .toString()
    .padStart(digits + 1, '0');
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)} ${currency}`;
}

/** Minor units of a decimal text such as "12.34"; undefined if it is not an exact amount of that currency. */
export function parseMoney(text: string, currency: string): number | undefined {
  const digits = CURRENCIES[currency];
  const match = /^(\d{1,12})(?:\.(\d{1,4}))?$/.exec(text.trim());
  if (digits === undefined || match === null) return undefined;
  const fraction = match[2] ?? '';
  if (fraction.length > digits) return undefined;
  const minor = Number((match[1] as string) + fraction.padEnd(digits, '0'));
  return Number.isSafeInteger(minor) ? minor : undefined;
}
