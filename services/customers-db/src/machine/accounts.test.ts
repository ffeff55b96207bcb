import { Role } from '@everopen/contract/customers';
import { describe, expect, it } from 'vitest';
import { createCustomersWorld, PASSWORD_HASH } from '../../test/customers-world.ts';
import { getAccount, getCredentials } from './accounts.ts';
import { checkSessionOf } from './sessions.ts';

const ada = { role: Role.BUYER, username: 'ada', passwordHash: PASSWORD_HASH, displayName: 'Ada' };

describe('accounts', () => {
  it('M2: a new username gives a new id, and log time stamps it', () => {
    const world = createCustomersWorld();
    expect(world.answer('createAccount', ada)).toEqual({
      accountId: 1,
      role: Role.BUYER,
      username: 'ada',
      displayName: 'Ada',
      createdAtUnixMs: world.harness.nowMs,
      itemsBought: 0,
    });
    expect(world.answer('createAccount', { ...ada, username: 'bob' }).accountId).toBe(2);
    expect(getAccount(world.machine.state, 2).username).toBe('bob');
    expect(() => getAccount(world.machine.state, 3)).toThrow('There is no such account');
  });

  it('M2: the same username is refused, and leaves no second row', () => {
    const world = createCustomersWorld();
    world.answer('createAccount', ada);
    const error = world.refusal('createAccount', { ...ada, displayName: 'Another Ada' });
    expect(error).toMatchObject({ code: 'UsernameTaken', details: { field: 'username' } });
    expect(world.harness.rows('accounts')).toHaveLength(1);
  });

  it('M3: a username is unique within its role, a display name not at all', () => {
    const world = createCustomersWorld();
    const buyer = world.answer('createAccount', ada);
    const seller = world.answer('createAccount', { ...ada, role: Role.SELLER });
    world.answer('createAccount', { ...ada, username: 'another' });
    const { state } = world.machine;
    expect(getCredentials(state, Role.BUYER, 'ada').accountId).toBe(buyer.accountId);
    expect(getCredentials(state, Role.SELLER, 'ada').accountId).toBe(seller.accountId);
    expect(() => getCredentials(state, Role.SELLER, 'another')).toThrow('There is no such account');
  });

  it.each([
    ['a', 'one character'],
    ['ä'.repeat(32), 'thirty-two characters'],
    ['🎈'.repeat(32), 'thirty-two characters of two units each'],
    ["Robert'); DROP TABLE accounts;--", 'what looks like SQL'],
  ])('M3: the display name %j is accepted: %s', (displayName) => {
    const world = createCustomersWorld();
    expect(world.answer('createAccount', { ...ada, displayName }).displayName).toBe(displayName);
  });

  it.each([
    ['username', ''],
    ['username', 'u'.repeat(33)],
    ['username', 'u'.repeat(100_000)],
    ['username', 'a\u0000b'],
    ['username', 'line\nbreak'],
    ['username', 'c1\u0085'],
    ['display_name', ''],
    ['display_name', '🎈'.repeat(33)],
    ['display_name', 'escape \u001b[31m'],
    ['password_hash', ''],
    ['password_hash', 'correct horse battery staple'],
    ['password_hash', PASSWORD_HASH.replace('argon2id', 'argon2i')],
    ['password_hash', PASSWORD_HASH + 'h'.repeat(300)],
  ])('M3, X: a bad %s is refused with its name', (field, value) => {
    const world = createCustomersWorld();
    const name = { username: 'username', display_name: 'displayName', password_hash: 'passwordHash' }[field];
    const error = world.refusal('createAccount', { ...ada, [name as string]: value });
    expect(error).toMatchObject({ code: 'InvalidArgument', details: { field } });
  });

  it.each([0, 3, -1])('X: the role %i is refused', (role) => {
    const error = createCustomersWorld().refusal('createAccount', { ...ada, role: role as Role });
    expect(error).toMatchObject({ code: 'InvalidArgument', details: { field: 'role' } });
  });

  it('X: a command that is no protobuf, or none that is known, is refused and not fatal', () => {
    const { harness } = createCustomersWorld();
    expect(harness.refusal(Uint8Array.of(0xff, 0xff, 0xff)).code).toBe('InvalidArgument');
    expect(harness.refusal(new Uint8Array()).code).toBe('InvalidArgument');
    // Field 1000, which no version has used.
    expect(harness.refusal(Uint8Array.of(0xc2, 0x3e, 0x00)).code).toBe('InvalidArgument');
    // create_account whose role is 2^63: no number that JavaScript can hold.
    expect(harness.refusal(payloadWithHugeNumber()).code).toBe('InvalidArgument');
  });
});

/** acknowledge_feedback (15) with up_to_feedback_number = 2^64 - 1, as −1 is encoded. */
function payloadWithHugeNumber(): Uint8Array {
  return Uint8Array.of(0x7a, 11, 0x08, ...Array<number>(9).fill(0xff), 0x01);
}

describe('change of password', () => {
  const other = PASSWORD_HASH.replace('hhh', 'ggg');

  it('M21: stores the new hash, grows the version, and ends the other sessions at once', () => {
    const world = createCustomersWorld();
    const buyer = world.buyer('ada');
    const [second, third] = [world.login(buyer), world.login(buyer)];
    const bystander = world.buyer('bob');
    const request = { sessionKey: second, role: Role.BUYER, passwordVersion: 1, passwordHash: other };
    expect(world.answer('changePassword', request)).toEqual({ sessionsEnded: 2 });

    const { state } = world.machine;
    expect(getCredentials(state, Role.BUYER, 'ada')).toMatchObject({
      passwordHash: other,
      passwordVersion: 2,
    });
    const check = (sessionKey: Buffer) =>
      checkSessionOf(state, { sessionKey, role: Role.BUYER }, world.harness.nowMs);
    expect(check(second).accountId).toBe(buyer.accountId);
    expect(check(bystander.sessionKey).accountId).toBe(bystander.accountId);
    for (const ended of [buyer.sessionKey, third])
      expect(() => check(ended)).toThrow('The session has ended');
  });

  it('M21: is refused when another change came between', () => {
    const world = createCustomersWorld();
    const buyer = world.buyer('ada');
    const request = {
      sessionKey: buyer.sessionKey,
      role: Role.BUYER,
      passwordVersion: 1,
      passwordHash: other,
    };
    world.answer('changePassword', request);
    expect(world.refusal('changePassword', request).code).toBe('WrongCredentials');
  });

  it('M21: a login that raced it is refused', () => {
    const world = createCustomersWorld();
    const buyer = world.buyer('ada');
    world.answer('changePassword', {
      sessionKey: buyer.sessionKey,
      role: Role.BUYER,
      passwordVersion: 1,
      passwordHash: other,
    });
    expect(() => world.login(buyer, 1)).toThrow('The password has been changed meanwhile');
    expect(world.login(buyer, 2)).toHaveLength(32);
  });
});
