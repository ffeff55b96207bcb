/** Who issued a card, as far as its number tells. */
export type CardBrand = 'visa' | 'mastercard' | 'amex' | 'discover' | 'other';

interface BrandRule {
  readonly brand: CardBrand;
  /** Leading digits (ISO/IEC 7812 issuer ranges, as the networks publish them). */
  readonly prefix: RegExp;
  readonly lengths: readonly number[];
  readonly securityCodeDigits: number;
}

const OTHER: BrandRule = {
  brand: 'other',
  prefix: /^/,
  lengths: [12, 13, 14, 15, 16, 17, 18, 19],
  securityCodeDigits: 3,
};

const RULES: readonly BrandRule[] = [
  { brand: 'visa', prefix: /^4/, lengths: [13, 16, 19], securityCodeDigits: 3 },
  {
    brand: 'mastercard',
    prefix: /^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/,
    lengths: [16],
    securityCodeDigits: 3,
  },
  { brand: 'amex', prefix: /^3[47]/, lengths: [15], securityCodeDigits: 4 },
  { brand: 'discover', prefix: /^(?:6011|64[4-9]|65)/, lengths: [16, 17, 18, 19], securityCodeDigits: 3 },
];

/** The rule that a card number (digits only) falls under. */
export function brandRule(digits: string): BrandRule {
  return RULES.find((rule) => rule.prefix.test(digits)) ?? OTHER;
}
