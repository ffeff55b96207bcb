/** Position tokens of the two databases, as their answers give them. Opaque to clients. */
export interface Positions {
  readonly customers?: string;
  readonly products?: string;
}

const TOKEN = /^[A-Za-z0-9._:~-]{1,80}$/;
const HEADER_MAX_CHARS = 200;

/** The text of the position header; empty if nothing has been seen. */
export function formatPositions(positions: Positions): string {
  const { customers, products } = positions;
  if (customers === undefined) return products === undefined ? '' : `products=${products}`;
  return products === undefined ? `customers=${customers}` : `customers=${customers}, products=${products}`;
}

/** The positions in a header's text; `undefined` if it is not of that form. */
export function parsePositions(text: string): Positions | undefined {
  if (text.length > HEADER_MAX_CHARS) return undefined;
  const positions: { customers?: string; products?: string } = {};
  for (const part of text.split(',')) {
    const equals = part.indexOf('=');
    const name = part.slice(0, equals).trim();
    const token = part.slice(equals + 1).trim();
    if (equals < 0 || (name !== 'customers' && name !== 'products')) return undefined;
    if (positions[name] !== undefined || !TOKEN.test(token)) return undefined;
    positions[name] = token;
  }
  return positions;
}
