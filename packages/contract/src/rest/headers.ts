/** The headers of the REST interfaces. Runs in a browser too, without the schemas. */
export { formatPositions, newerPositions, parsePositions, type Positions } from './positions.ts';

/** A version 7 UUID that names one call: required where something changes. Repeats get the first answer. */
export const IDEMPOTENCY_KEY_HEADER = 'idempotency-key';

/**
 * What the client has seen of the two databases' histories: `customers=TOKEN, products=TOKEN`, either may be
 * missing. Given back by answers; sent with the next call, it makes any server show at least that much.
 */
export const POSITION_HEADER = 'everopen-position';

/** Names one request in answers and logs. */
export const REQUEST_ID_HEADER = 'request-id';
