/** Accounts and sessions: what the sellers' and the buyers' servers have in common. */
export { accountHandlers, type AccountModules } from './account-handlers.ts';
export type { CustomersCalls } from './customers-calls.ts';
export { passwordHasher, type PasswordHasher } from './passwords/password-hasher.ts';
export { loginThrottle, type LoginAttempt, type LoginThrottle } from './throttle/login-throttle.ts';
export { asBuffer, customersSessions } from './session-store.ts';
export { createShopServer, type Databases, type ShopServer, type ShopServerConfig } from './shop-server.ts';
export { notingPositions } from './noting-positions.ts';
