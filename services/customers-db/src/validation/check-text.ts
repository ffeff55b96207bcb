import { invalidArgument } from './invalid-argument.ts';

/**
 * Text that people typed: well-formed Unicode of `minChars` to `maxChars` code points without control
 * characters (general category Cc). These rules never change with a version of Unicode, so every replica
 * decides alike whatever its version of Node. Normalisation does change, and is checked by the API alone.
 */
export function checkText(field: string, value: string, minChars: number, maxChars: number): void {
  // A code point is one or two units: this refuses a megabyte without looking at it.
  if (value.length > 2 * maxChars) throw tooLong(field, maxChars);
  let chars = 0;
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if (isControl(unit)) throw invalidArgument(field, 'must not hold control characters');
    chars++;
    if (!isSurrogate(unit)) continue;
    if (!isHighSurrogate(unit) || !isLowSurrogate(value.charCodeAt(i + 1))) {
      throw invalidArgument(field, 'must be well-formed Unicode');
    }
    i++;
  }
  if (chars > maxChars) throw tooLong(field, maxChars);
  if (chars < minChars) {
    throw invalidArgument(
      field,
      minChars === 1 ? 'must not be empty' : `must have at least ${minChars} characters`,
    );
  }
}

function tooLong(field: string, maxChars: number): Error {
  return invalidArgument(field, `must have at most ${maxChars} characters`);
}

function isControl(unit: number): boolean {
  return unit < 0x20 || (unit >= 0x7f && unit < 0xa0);
}

function isSurrogate(unit: number): boolean {
  return (unit & 0xf800) === 0xd800;
}

function isHighSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}

/** False for the NaN beyond the end of a text. */
function isLowSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00;
}
