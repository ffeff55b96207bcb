import { LIMITS } from '@everopen/contract';
import { Role } from '@everopen/contract/customers';
import { describe, expect, it } from 'vitest';
import {
  createCustomersWorld,
  payloadOf,
  sessionKey,
  type CustomersWorld,
} from '../../test/customers-world.ts';
import { createCustomersMachine } from './customers-machine.ts';
import { CLEAN_UP_STEPS } from './machine-limits.ts';
import { checkSessionOf, listSessions } from './sessions.ts';

const MINUTE_MS = 60_000;

function check(world: CustomersWorld, key: Buffer, role: Role = Role.BUYER) {
  return checkSessionOf(world.machine.state, { sessionKey: key, role }, world.harness.nowMs);
}

describe('sessions', () => {
  it('M4: two logins of one user, one logs out, the other still works', () => {
    const world = createCustomersWorld();
    const buyer = world.buyer('ada');
    const second = world.login(buyer);
    world.answer('closeSession', { sessionKey: buyer.sessionKey, role: Role.BUYER });
    expect(() => check(world, buyer.sessionKey)).toThrow('The session has ended');
    expect(check(world, second)).toMatchObject({ username: 'ada', displayName: 'ada by name' });
    expect(world.refusal('closeSession', { sessionKey: buyer.sessionKey, role: Role.BUYER }).code).toBe(
      'Unauthenticated',
    );
  });

  it('M4, X: a session of the other role is Unauthenticated, in reads and in commands', () => {
    const world = createCustomersWorld();
    const seller = world.seller('sam');
    expect(() => check(world, seller.sessionKey, Role.BUYER)).toThrow('The session has ended');
    const cart = { sessionKey: seller.sessionKey, itemId: 1, quantity: 1, available: 1 };
    expect(world.refusal('addToCart', cart).code).toBe('Unauthenticated');
    expect(world.refusal('giveFeedback', { ...cart, thumbsUp: true }).code).toBe('Unauthenticated');
    expect(world.refusal('touchSession', { sessionKey: seller.sessionKey, role: Role.BUYER }).code).toBe(
      'Unauthenticated',
    );
  });

  it('M5: activity at 4:59 extends the session, and without any it has ended at 5:30', () => {
    const world = createCustomersWorld();
    const { sessionKey: key } = world.buyer('ada');
    world.harness.advance(5 * MINUTE_MS - 1_000);
    expect(check(world, key).touchDue).toBe(true);
    const touched = world.answer('touchSession', { sessionKey: key, role: Role.BUYER });
    expect(touched).toMatchObject({ touchDue: false, lastActiveAtUnixMs: world.harness.nowMs });

    world.harness.advance(5 * MINUTE_MS + 29_999);
    expect(check(world, key).touchDue).toBe(true);
    world.harness.advance(1);
    expect(() => check(world, key)).toThrow('The session has ended');
    expect(world.refusal('touchSession', { sessionKey: key, role: Role.BUYER }).code).toBe('Unauthenticated');
  });

  it('M5: activity is stamped at most every 30 s, by any command of the session', () => {
    const world = createCustomersWorld();
    const buyer = world.buyer('ada');
    const opened = world.harness.nowMs;
    world.harness.advance(LIMITS.sessionStampMs - 1);
    world.add(buyer, 1, 1);
    expect(check(world, buyer.sessionKey)).toMatchObject({ lastActiveAtUnixMs: opened, touchDue: false });
    world.harness.advance(1);
    expect(check(world, buyer.sessionKey).touchDue).toBe(true);
    world.add(buyer, 1, 1);
    expect(check(world, buyer.sessionKey)).toMatchObject({
      lastActiveAtUnixMs: world.harness.nowMs,
      touchDue: false,
    });
  });

  it('M5: a refused command is no activity', () => {
    const world = createCustomersWorld();
    const buyer = world.buyer('ada');
    const opened = world.harness.nowMs;
    world.harness.advance(MINUTE_MS);
    const request = { sessionKey: buyer.sessionKey, itemId: 1, quantity: 1, available: 0 };
    expect(world.refusal('removeFromCart', request).code).toBe('NotInCart');
    expect(check(world, buyer.sessionKey).lastActiveAtUnixMs).toBe(opened);
  });

  it('M21: live sessions are listed newest first, and each can be ended by its number', () => {
    const world = createCustomersWorld();
    const buyer = world.buyer('ada');
    const stranger = world.buyer('bob');
    const second = world.login(buyer);
    const list = (key: Buffer) =>
      listSessions(world.machine.state, { sessionKey: key, role: Role.BUYER }, world.harness.nowMs);
    const numbers = list(second).map((session) => session.sessionNumber);
    expect(numbers).toEqual([3, 1]);
    expect(list(second)[0]).toMatchObject({ label: 'a test', accountId: buyer.accountId });

    const end = { sessionKey: second, role: Role.BUYER, sessionNumber: 1 };
    world.answer('endSession', end);
    expect(() => check(world, buyer.sessionKey)).toThrow('The session has ended');
    expect(world.refusal('endSession', end).code).toBe('NotFound');
    expect(
      world.refusal('endSession', { ...end, sessionKey: stranger.sessionKey, sessionNumber: 3 }).code,
    ).toBe('NotFound');
    expect(list(second)).toHaveLength(1);
  });

  it('limit: one login too many ends the session that was idle for longest, and the login succeeds', () => {
    const world = createCustomersWorld();
    const buyer = world.buyer('ada');
    const keys = Array.from({ length: LIMITS.sessionsPerAccount - 1 }, () => world.login(buyer));
    world.harness.advance(MINUTE_MS);
    world.answer('touchSession', { sessionKey: buyer.sessionKey, role: Role.BUYER });
    const newest = world.login(buyer);
    expect(() => check(world, keys[0] as Buffer)).toThrow('The session has ended');
    for (const alive of [buyer.sessionKey, keys[1] as Buffer, newest]) check(world, alive);
    expect(world.harness.rows('sessions')).toHaveLength(LIMITS.sessionsPerAccount);
  });

  it('X: a session needs an account of its role and a key of 32 bytes that is not in use', () => {
    const world = createCustomersWorld();
    const { accountId, sessionKey: used } = world.buyer('ada');
    const request = {
      accountId,
      role: Role.BUYER,
      passwordVersion: 1,
      sessionKey: sessionKey('new'),
      label: '',
    };
    expect(world.refusal('openSession', { ...request, accountId: 99 }).code).toBe('NotFound');
    expect(world.refusal('openSession', { ...request, role: Role.SELLER }).code).toBe('NotFound');
    for (const [field, bad] of [
      ['session_key', { sessionKey: used }],
      ['session_key', { sessionKey: used.subarray(1) }],
      ['session_key', { sessionKey: Buffer.alloc(0) }],
      ['label', { label: 'l'.repeat(65) }],
      ['label', { label: '\u0007' }],
      ['account_id', { accountId: 0 }],
      ['password_version', { passwordVersion: 0 }],
    ] as const) {
      expect(world.refusal('openSession', { ...request, ...bad })).toMatchObject({
        code: 'InvalidArgument',
        details: { field },
      });
    }
  });
});

describe('cleaning up sessions', () => {
  it('deletes idle sessions a few at a time with later commands, and no others', () => {
    const world = createCustomersWorld();
    const buyers = Array.from({ length: 10 }, (_, i) => world.buyer(`buyer ${i}`));
    world.harness.advance(5 * MINUTE_MS);
    for (const { sessionKey: key } of buyers.slice(0, 2)) {
      world.answer('touchSession', { sessionKey: key, role: Role.BUYER });
    }
    world.harness.advance(MINUTE_MS);
    const rows = () => world.harness.rows('sessions').length;
    const command = () =>
      world.answer('createAccount', {
        role: Role.SELLER,
        username: `seller ${world.harness.position}`,
        passwordHash: `$argon2id$v=19$m=8,t=1,p=1$${'s'.repeat(22)}$${'h'.repeat(43)}`,
        displayName: 'x',
      });
    command();
    // Numbers 1 and 2 were left behind by the sessions that were touched; 1 was passed by the second touch.
    expect(rows()).toBe(10 - (CLEAN_UP_STEPS - 1));
    command();
    command();
    expect(rows()).toBe(2);
    for (const { sessionKey: key } of buyers.slice(0, 2)) check(world, key);
  });

  it('is the same on a replica that lived through everything and on one that loaded its rows', () => {
    const lived = createCustomersWorld();
    const buyers = Array.from({ length: 8 }, (_, i) => lived.buyer(`buyer ${i}`));
    for (const buyer of buyers.toReversed()) {
      lived.harness.advance(MINUTE_MS / 2);
      lived.answer('touchSession', { sessionKey: buyer.sessionKey, role: Role.BUYER });
    }
    const loaded = createCustomersMachine();
    lived.harness.reloadInto(loaded);
    for (let step = 0; step < 20; step++) {
      lived.harness.advance(MINUTE_MS / 2);
      const payload = payloadOf('openSession', {
        accountId: buyers[0]?.accountId as number,
        role: Role.BUYER,
        // Every second login is refused: that must not clean up on one side only either.
        passwordVersion: 1 + (step % 2),
        sessionKey: sessionKey(`step ${step}`),
        label: '',
      });
      const outcome = lived.harness.run(payload);
      loaded.tables.begin();
      try {
        const { nowMs, position, featureLevel } = lived.harness;
        loaded.apply(payload, { nowMs, position, featureLevel });
        loaded.tables.commit();
        expect(outcome.kind).toBe('answered');
      } catch (error) {
        expect(outcome).toEqual({ kind: 'refused', error });
        loaded.tables.rollback();
      }
      expect(loaded.tables.digest()).toBe(lived.machine.tables.digest());
    }
    expect(lived.harness.rows('sessions').length).toBeLessThan(18);
  });
});
