/*
 * Limits that are nobody's business but the state machine's. They are part of what `apply` decides, so a
 * change needs a new feature level.
 */

/** A checkout key begins a checkout while it is younger than this; its time is inside it (UUIDv7). */
export const CHECKOUT_KEY_LIFETIME_MS = 24 * 3_600_000;
/** A key from further in the future is refused: it would have to be remembered for too long. */
export const CHECKOUT_KEY_AHEAD_MAX_MS = 24 * 3_600_000;
/** An ended checkout is remembered at least so long, however old its key: other servers may be at its steps. */
export const ENDED_CHECKOUT_GRACE_MS = 3_600_000;
/** Of all buyers together. `ListOpenCheckouts` goes through all of them. */
export const OPEN_CHECKOUTS_MAX = 100_000;
/** Ended checkouts that are held in memory, about 0.3 KB each. Never an eviction: beyond it, `Overloaded`. */
export const ENDED_CHECKOUTS_MAX = 4_000_000;
/** Feedback that waits for the products database. */
export const OUTBOX_MAX = 100_000;
/** Deliveries that one command may acknowledge. */
export const ACKNOWLEDGED_AT_ONCE_MAX = 1_000;
/**
 * Steps by which each command advances a clean-up queue. A command adds at most one entry, so the part of
 * the queue that is due never grows.
 */
export const CLEAN_UP_STEPS = 4;
