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

/** Of each database the newer of two tokens: answers may overtake each other. */
export function newerPositions(a: Positions, b: Positions): Positions {
  const customers = newer(a.customers, b.customers);
  const products = newer(a.products, b.products);
  return {
    ...(customers === undefined ? {} : { customers }),
    ...(products === undefined ? {} : { products }),
  };
}

/** Tokens are "epoch:number"; of two epochs the later answer's counts: a backup has been restored. */
function newer(before: string | undefined, after: string | undefined): string | undefined {
  if (before === undefined || after === undefined) return after ?? before;
  const [beforeEpoch, beforeNumber] = split(before);
  const [afterEpoch, afterNumber] = split(after);
  return beforeEpoch === afterEpoch && beforeNumber > afterNumber ? before : after;
}

function split(token: string): [epoch: string, number: number] {
  const colon = token.lastIndexOf(':');
  return [token.slice(0, Math.max(0, colon)), Number(token.slice(colon + 1))];
}
