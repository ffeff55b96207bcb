import { ACCOUNT_ROUTES, type Account, type LogInAnswer, type Sessions } from '@everopen/contract/rest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  endedToken,
  logIn,
  openAccountsWorld,
  PASSWORD,
  type AccountsWorld,
} from '../test/world/accounts-world.ts';
import { refusesBadInput } from '../test/world/bad-input.ts';
import { http, newKey } from '../test/world/http.ts';

let world: AccountsWorld;
let here = '';
let there = '';
let sellerServer = '';

beforeAll(async () => {
  world = await openAccountsWorld();
  [here, there] = world.buyers;
  sellerServer = world.seller;
});
afterAll(async () => {
  await world.close();
  expect(world.errors).toEqual([]);
});

const registration = (username: string, displayName = 'Ada Lovelace') => ({
  username,
  password: PASSWORD,
  displayName,
});

describe('accounts', () => {
  it('M2: creates an account with a new id, and refuses the same username without a second row', async () => {
    const first = await http<Account>(here, 'POST', '/v1/accounts', { body: registration('m2') });
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({
      role: 'buyer',
      username: 'm2',
      displayName: 'Ada Lovelace',
      itemsBought: 0,
    });
    const second = await http(there, 'POST', '/v1/accounts', { body: registration('m2', 'Somebody else') });
    expect([second.status, second.problem.code]).toEqual([409, 'UsernameTaken']);
    const other = await http<Account>(here, 'POST', '/v1/accounts', { body: registration('m2b') });
    expect(other.body.accountId).toBe(first.body.accountId + 1);
  });

  it('M2: of 40 attempts at once through different servers one gets the username', async () => {
    const attempts = Array.from({ length: 40 }, (_, i) =>
      http(i % 2 === 0 ? here : there, 'POST', '/v1/accounts', { body: registration('crowd') }),
    );
    const statuses = (await Promise.all(attempts)).map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses).toEqual([201, ...Array.from({ length: 39 }, () => 409)]);
  });

  it('M2: a username is free in the other role', async () => {
    await logIn(here, 'both');
    const seller = await http<Account>(sellerServer, 'POST', '/v1/accounts', { body: registration('both') });
    expect(seller.status).toBe(201);
    expect(seller.body).not.toHaveProperty('itemsBought');
  });

  it('M3: display names have 1 to 32 characters, counted as people count, and need not be unique', async () => {
    const attempt = async (username: string, displayName: string): Promise<number> =>
      (await http(here, 'POST', '/v1/accounts', { body: registration(username, displayName) })).status;
    expect(await attempt('m3a', '😀'.repeat(32))).toBe(201);
    expect(await attempt('m3b', '😀'.repeat(32))).toBe(201);
    expect(await attempt('m3c', '😀'.repeat(33))).toBe(400);
    expect(await attempt('m3d', 'x'.repeat(33))).toBe(400);
    expect(await attempt('m3e', '')).toBe(400);
    expect(await attempt('m3f', ' Ada')).toBe(400);
  });

  it('M17: a registration whose answer is lost is repeated on another server, with the same answer', async () => {
    const key = newKey();
    const body = registration('m17');
    const first = await http<Account>(here, 'POST', '/v1/accounts', { body, key });
    const again = await http<Account>(there, 'POST', '/v1/accounts', { body, key });
    expect(again.status).toBe(201);
    expect(again.body).toEqual(first.body);
    const altered = { ...body, password: 'another long password' };
    const other = await http(there, 'POST', '/v1/accounts', { body: altered, key });
    expect([other.status, other.problem.code]).toEqual([422, 'KeyReused']);
  });

  it('refuses passwords that are tried first, naming the field', async () => {
    const body = { ...registration('m2c'), password: 'P4ssw0rd!2024' };
    const { status, problem } = await http(here, 'POST', '/v1/accounts', { body });
    expect([status, problem.code, problem.errors?.[0]?.field]).toEqual([
      400,
      'PasswordTooCommon',
      'password',
    ]);
  });
});

describe('sessions', () => {
  it('M4: several at once; logging out of one leaves the other, and holds on every server at once', async () => {
    const phone = await logIn(here, 'm4', 'phone');
    const desk = await logIn(there, 'm4', 'desk');
    const out = await http(here, 'DELETE', '/v1/sessions/current', { token: phone });
    expect(out.status).toBe(204);
    for (const base of [there, here, there]) {
      const refused = await http(base, 'GET', '/v1/account', { token: phone });
      expect([refused.status, refused.problem.code]).toEqual([401, 'Unauthenticated']);
      expect((await http(base, 'GET', '/v1/account', { token: desk })).status).toBe(200);
    }
  });

  it('M5: activity at 4:59 extends a session; five and a half minutes of none end it', async () => {
    const token = await logIn(here, 'm5');
    const look = async (): Promise<number> => (await http(there, 'GET', '/v1/account', { token })).status;
    for (let i = 0; i < 3; i++) {
      world.databases.advance(299_000);
      expect(await look()).toBe(200);
    }
    world.databases.advance(331_000);
    expect(await look()).toBe(401);
  });

  it('M5: activity is stamped at most once in half a minute', async () => {
    const token = await logIn(here, 'm5b');
    world.databases.calls.length = 0;
    const stamps = (): number => world.databases.calls.filter((method) => method === 'touchSession').length;
    for (let i = 0; i < 5; i++) await http(here, 'GET', '/v1/account', { token });
    expect(stamps()).toBe(0);
    world.databases.advance(31_000);
    await Promise.all(Array.from({ length: 5 }, () => http(here, 'GET', '/v1/account', { token })));
    await http(here, 'GET', '/v1/account', { token });
    expect(stamps()).toBe(1);
  });

  it('M5: a stamp that fails does not fail the call it came with', async () => {
    const token = await logIn(here, 'm5c');
    world.databases.advance(31_000);
    world.databases.fail('touchSession', 'lost request');
    expect((await http(here, 'GET', '/v1/account', { token })).status).toBe(200);
  });

  it('M6: a token of one server works on another', async () => {
    const token = await logIn(here, 'm6');
    const { status, body } = await http<Account>(there, 'GET', '/v1/account', { token });
    expect([status, body.username]).toEqual([200, 'm6']);
  });

  it('M17: a login repeated under one key, on another server, opens one session', async () => {
    await logIn(here, 'm17b');
    const key = newKey();
    const body = { username: 'm17b', password: PASSWORD };
    const first = await http<LogInAnswer>(here, 'POST', '/v1/sessions', { body, key });
    const again = await http<LogInAnswer>(there, 'POST', '/v1/sessions', { body, key });
    expect(again.body.token).toBe(first.body.token);
    const { body: list } = await http<Sessions>(here, 'GET', '/v1/sessions', { token: first.body.token });
    expect(list.sessions).toHaveLength(2);
  });

  it('M21: sessions are listed, and each can be ended from another', async () => {
    const phone = await logIn(here, 'm21', 'phone');
    const desk = await logIn(there, 'm21', 'desk');
    const { body } = await http<Sessions>(here, 'GET', '/v1/sessions', { token: desk });
    expect(body.sessions.map(({ label, current }) => [label, current])).toEqual([
      ['desk', true],
      ['phone', false],
    ]);
    const number = body.sessions[1]?.sessionNumber;
    expect((await http(here, 'DELETE', `/v1/sessions/${number}`, { token: desk })).status).toBe(204);
    expect((await http(there, 'GET', '/v1/account', { token: phone })).status).toBe(401);
    const gone = await http(here, 'DELETE', `/v1/sessions/${number}`, { token: desk });
    expect([gone.status, gone.problem.code]).toEqual([404, 'NotFound']);
  });

  it("M21: nobody ends another account's session", async () => {
    const mine = await logIn(here, 'm21b');
    const { body } = await http<Sessions>(here, 'GET', '/v1/sessions', { token: mine });
    const theirs = await logIn(here, 'm21c');
    const path = `/v1/sessions/${body.sessions[0]?.sessionNumber}`;
    expect((await http(here, 'DELETE', path, { token: theirs })).status).toBe(404);
    expect((await http(here, 'GET', '/v1/account', { token: mine })).status).toBe(200);
  });

  it('M21: a change of password ends the other sessions, and is repeatable under its key', async () => {
    const phone = await logIn(here, 'm21d', 'phone');
    const desk = await logIn(there, 'm21d', 'desk');
    const newPassword = 'a quite different secret';
    const options = { token: desk, key: newKey(), body: { currentPassword: PASSWORD, newPassword } };
    const changed = await http<{ sessionsEnded: number }>(here, 'PUT', '/v1/account/password', options);
    expect([changed.status, changed.body.sessionsEnded]).toEqual([200, 1]);
    const again = await http<{ sessionsEnded: number }>(there, 'PUT', '/v1/account/password', options);
    expect([again.status, again.body]).toEqual([200, changed.body]);
    expect((await http(there, 'GET', '/v1/account', { token: phone })).status).toBe(401);
    expect((await http(there, 'GET', '/v1/account', { token: desk })).status).toBe(200);
    const old = { username: 'm21d', password: PASSWORD };
    expect((await http(here, 'POST', '/v1/sessions', { body: old })).problem.code).toBe('WrongCredentials');
    const now = { username: 'm21d', password: newPassword };
    expect((await http(there, 'POST', '/v1/sessions', { body: now })).status).toBe(201);
  });

  it('M21: a change of password needs the current one', async () => {
    const token = await logIn(here, 'm21e');
    const body = { currentPassword: 'not this one at all', newPassword: 'a quite different secret' };
    const { status, problem } = await http(here, 'PUT', '/v1/account/password', { token, body });
    expect([status, problem.code]).toEqual([401, 'WrongCredentials']);
  });

  it('S7: every single altered bit of a token is noticed', async () => {
    const token = await logIn(here, 's7');
    const bits = Buffer.from(token);
    const altered: string[] = [];
    for (let at = 0; at < bits.length; at += 1) {
      const copy = Buffer.from(bits);
      copy[at] = (copy[at] as number) ^ (1 << (at % 7));
      if (/^[\x21-\x7e]+$/.test(copy.toString('latin1'))) altered.push(copy.toString('latin1'));
    }
    // Every spelling of the last character, whose lowest bits stand for nothing.
    for (const last of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
      if (!token.endsWith(last)) altered.push(token.slice(0, -1) + last);
    }
    const statuses = new Set<number>();
    for (const wrong of altered) {
      statuses.add((await http(here, 'GET', '/v1/account', { token: wrong })).status);
    }
    expect(altered.length).toBeGreaterThan(200);
    expect([...statuses]).toEqual([401]);
  });

  it('A8: tokens have 256 random bits each, and the database holds only their hash', async () => {
    const ids = new Set<string>();
    await logIn(here, 'a8');
    for (let i = 0; i < 12; i++) {
      const token = await logIn(here, 'a8');
      const payload = JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString()) as {
        sid: string;
      };
      expect(Buffer.from(payload.sid, 'base64url')).toHaveLength(32);
      ids.add(payload.sid);
    }
    expect(ids.size).toBe(12);
  });
});

describe('guessing', () => {
  const guess = (username: string, address: string) =>
    http(here, 'POST', '/v1/sessions', {
      body: { username, password: 'a wrong password' },
      headers: { 'x-forwarded-for': address },
    });

  it('A6: an unknown user and a wrong password get the same answer', async () => {
    await logIn(here, 'a6');
    const known = await guess('a6', '10.0.0.1');
    const unknown = await guess('nobody-a6', '10.0.0.1');
    const { requestId: _one, ...first } = known.problem;
    const { requestId: _two, ...second } = unknown.problem;
    expect(first).toEqual(second);
    expect(first.code).toBe('WrongCredentials');
    const names = (headers: Headers): string[] => [...headers.keys()].toSorted();
    expect(names(known.headers)).toEqual(names(unknown.headers));
  });

  it('A5: guesses are slowed down after a few, told for how long, and never lock the owner out', async () => {
    await logIn(here, 'a5');
    const codes: (string | undefined)[] = [];
    let last = await guess('a5', '10.0.0.2');
    for (let i = 0; i < 10; i++) {
      codes.push(last.problem.code);
      last = await guess('a5', '10.0.0.2');
    }
    expect(codes.filter((code) => code === 'WrongCredentials').length).toBeLessThanOrEqual(10);
    expect([last.status, last.problem.code]).toEqual([429, 'LoginThrottled']);
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);

    const body = { username: 'a5', password: PASSWORD };
    const owner = await http(here, 'POST', '/v1/sessions', {
      body,
      headers: { 'x-forwarded-for': '10.0.0.3' },
    });
    expect(owner.status).toBe(201);
    world.databases.advance(61_000);
    const patient = await http(here, 'POST', '/v1/sessions', {
      body,
      headers: { 'x-forwarded-for': '10.0.0.2' },
    });
    expect(patient.status).toBe(201);
  });

  it('does not hold a database that is away against the user', async () => {
    await logIn(here, 'away');
    for (let i = 0; i < 8; i++) {
      world.databases.fail('getCredentials', 'lost request');
      expect((await guess('away', '10.0.0.4')).problem.code).toBe('Unknown');
    }
    expect((await guess('away', '10.0.0.4')).problem.code).toBe('WrongCredentials');
  });
});

describe('bad input', () => {
  let own = '';
  let sellers = '';
  let ended = '';
  beforeAll(async () => {
    own = await logIn(here, 'edge');
    sellers = await logIn(sellerServer, 'edge');
    ended = await endedToken(here, 'edge');
  });
  refusesBadInput(
    ACCOUNT_ROUTES,
    {
      register: { path: '/v1/accounts', body: registration('fresh') },
      logIn: { path: '/v1/sessions', body: { username: 'edge', password: PASSWORD, label: 'phone' } },
      logOut: { path: '/v1/sessions/current' },
      listSessions: { path: '/v1/sessions' },
      endSession: { path: '/v1/sessions/999999' },
      changePassword: {
        path: '/v1/account/password',
        body: { currentPassword: PASSWORD, newPassword: 'a quite different secret' },
      },
      account: { path: '/v1/account' },
    },
    {
      base: () => here,
      token: () => own,
      otherRolesToken: () => sellers,
      endedToken: () => ended,
      digest: () => world.databases.digest(),
    },
  );
});

describe('the server itself', () => {
  it('says whether it lives and whether it can work', async () => {
    expect((await http(here, 'GET', '/health')).body).toEqual({ status: 'live' });
    expect((await http(here, 'GET', '/ready')).body).toEqual({ status: 'ready' });
  });

  it('tells a wrong method from a wrong path', async () => {
    const method = await http(here, 'PATCH', '/v1/accounts', { body: {} });
    expect([method.status, method.problem.code]).toEqual([405, 'MethodNotAllowed']);
    expect(method.headers.get('allow')).toBe('POST');
    const path = await http(here, 'GET', '/v1/Accounts');
    expect([path.status, path.problem.code]).toEqual([404, 'NotFound']);
    expect((await http(here, 'GET', '/v1/account/')).status).toBe(404);
  });

  it('S1: describes itself in OpenAPI 3.1, offline, every route with its schemas', async () => {
    const { body } = await http<{ openapi: string; paths: Record<string, object>; components: object }>(
      here,
      'GET',
      '/openapi.json',
    );
    expect(body.openapi).toBe('3.1.0');
    for (const route of Object.values(ACCOUNT_ROUTES)) {
      const path = route.path.replaceAll(/:([A-Za-z]+)/g, '{$1}');
      expect(body.paths[path]).toHaveProperty(route.method.toLowerCase());
    }
    const references = [...JSON.stringify(body).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    );
    const schemas = (body.components as { schemas: Record<string, unknown> }).schemas;
    expect(new Set(Object.keys(schemas))).toEqual(new Set(references));
    const page = await fetch(`${here}/docs`);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('swagger-ui')]);
  });
});
