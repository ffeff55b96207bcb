import type { RouteContract, RouteTable } from '@everopen/contract/rest';
import { expect, it } from 'vitest';
import { http, type HttpOptions } from './http.ts';

/** A request that a route accepts: what the bad ones are made from. */
export interface Example {
  /** With parameters filled in. */
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

export interface BadInputWorld {
  readonly base: () => string;
  /** Of a session that may call the routes, and of one of the other role. */
  readonly token: () => string;
  readonly otherRolesToken: () => string;
  /** Of a session that was logged out. */
  readonly endedToken: () => string;
  /** Of everything that is stored: bad input must not change it. */
  readonly digest: () => string;
}

/** Values that no field but a text or an array takes, texts that no number is, and numbers that are none. */
const WRONG_VALUES: readonly unknown[] = [
  null,
  true,
  [],
  {},
  '',
  'x'.repeat(3_000),
  '1',
  '1 OR 1=1; --',
  '\u0000',
  '\ud800',
  '\u202e evil',
  [[]],
  -1,
  1.5,
  -0.5,
  2 ** 53 + 2,
  1e300,
];
const RAW_BODIES: readonly string[] = [
  '',
  '{',
  'null',
  '[]',
  '"text"',
  '5',
  'NaN',
  '{"a":1e309}',
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  `${'{"a":'.repeat(17)}1${'}'.repeat(17)}`,
];
/** What only the servers may say (mass assignment). */
const SERVER_FIELDS = ['id', 'sellerId', 'accountId', 'role', 'paid', 'total', 'sold', 'state', 'isAdmin'];

/** For every route of a table: each kind of bad input is refused by name, and nothing is changed by it. */
export function refusesBadInput<Table extends RouteTable>(
  table: Table,
  examples: Readonly<Record<keyof Table, Example>>,
  world: BadInputWorld,
): void {
  for (const [name, route] of Object.entries(table)) {
    const example = examples[name] as Example;
    const title = `${route.method} ${route.path}`;
    const send = (options: HttpOptions, path = example.path) =>
      http(world.base(), route.method, path, {
        ...(route.access !== 'public' ? { token: world.token() } : {}),
        ...(example.body === undefined ? {} : { body: example.body }),
        ...options,
      });

    it(`X: ${title} refuses what it cannot use, names the field, and changes nothing`, async () => {
      const before = world.digest();
      for (const body of badBodies(route, example)) {
        const { status, problem } = await send({ body });
        expect([status, problem.code], describeValue(body)).toEqual([400, 'InvalidArgument']);
        expect(problem.errors?.[0]?.field, describeValue(body)).toBeTypeOf('string');
        expect(JSON.stringify(problem)).not.toContain('node_modules');
      }
      for (const path of badPaths(route, example)) {
        const { status, problem } = await send({}, path);
        expect([status, problem.code], path).toEqual([400, 'InvalidArgument']);
      }
      expect(world.digest()).toBe(before);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    });

    it(`X: ${title} refuses bad headers, sizes and types`, async () => {
      const before = world.digest();
      const expectRefusal = async (options: HttpOptions, status: number, code: string): Promise<void> => {
        const answer = await send(options);
        expect([answer.status, answer.problem.code], describeValue(options)).toEqual([status, code]);
        expectSafeHeaders(answer.headers);
      };
      const inBody = { body: example.body ?? {} };
      if (route.key === 'required') {
        await expectRefusal({ key: null }, 400, 'InvalidArgument');
        await expectRefusal({ key: '7' }, 400, 'InvalidArgument');
        await expectRefusal({ key: '3f2504e0-4f89-41d3-9a0c-0305e82c3301' }, 400, 'InvalidArgument');
      }
      await expectRefusal({ headers: { 'everopen-position': 'customers' } }, 400, 'InvalidArgument');
      await expectRefusal({ headers: { 'everopen-position': 'x'.repeat(500) } }, 400, 'InvalidArgument');
      if (route.body !== undefined) {
        await expectRefusal({ body: { filler: 'x'.repeat(70_000) } }, 413, 'PayloadTooLarge');
        const text = { 'content-type': 'text/plain' };
        await expectRefusal({ ...inBody, headers: text }, 415, 'UnsupportedMediaType');
        const gzip = { 'content-encoding': 'gzip' };
        await expectRefusal({ ...inBody, headers: gzip }, 415, 'UnsupportedMediaType');
      } else if (route.method !== 'GET') {
        await expectRefusal({ body: { id: 1 } }, 400, 'InvalidArgument');
      }
      expect(world.digest()).toBe(before);
    });

    if (route.access === 'public') continue;
    it(`S7: ${title} refuses every token but a live one of its role`, async () => {
      const before = world.digest();
      const own = world.token();
      const [header = '', payload = '', signature = ''] = own.split('.');
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
      const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const forged = [
        '',
        'Bearer',
        `Bearer ${own}x`,
        `Bearer ${header}.${payload}.`,
        `Bearer ${header}.${encode({ ...claims, sub: '1000001' })}.${signature}`,
        `Bearer ${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`,
        `Bearer ${encode({ alg: 'none', typ: 'JWT' })}.${payload}.${signature}`,
        `Basic ${own}`,
        `Bearer ${own}, Bearer ${own}`,
      ];
      for (const authorization of forged) {
        const { status, problem } = await send({ headers: { authorization } });
        expect([status, problem.code], authorization).toEqual([401, 'Unauthenticated']);
      }
      const ended = await send({ token: world.endedToken() });
      expect([ended.status, ended.problem.code]).toEqual([401, 'Unauthenticated']);
      const other = await send({ token: world.otherRolesToken() });
      expect([other.status, other.problem.code]).toEqual([403, 'Forbidden']);
      expect(world.digest()).toBe(before);
    });
  }
}

function* badBodies(route: RouteContract, { body }: Example): Generator<unknown> {
  const schema = route.body;
  if (schema === undefined || body === undefined) return;
  for (const text of RAW_BODIES) yield text;
  for (const field of SERVER_FIELDS) yield { ...body, [field]: 1 };
  for (const path of pathsInto(body)) {
    for (const value of WRONG_VALUES) {
      const bad = replaced(body, path, value);
      // What happens to be acceptable in this field (0, an empty list …) is not bad.
      if (!schema.safeParse(bad).success) yield bad;
    }
    const lacking = replaced(body, path, undefined);
    if (!schema.safeParse(JSON.parse(JSON.stringify(lacking))).success) yield lacking;
  }
}

/** The ways to every value inside: ['lines', 0, 'quantity']. */
function* pathsInto(value: unknown, path: readonly PropertyKey[] = []): Generator<readonly PropertyKey[]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    const step = Array.isArray(value) ? Number(key) : key;
    yield [...path, step];
    yield* pathsInto(child, [...path, step]);
  }
}

function replaced(value: unknown, path: readonly PropertyKey[], put: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return put;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<
    PropertyKey,
    unknown
  >;
  copy[step] = replaced(copy[step], rest, put);
  return copy;
}

function* badPaths({ path, query }: RouteContract, example: Example): Generator<string> {
  if (/:[a-zA-Z]+(Id|Number)/.test(path)) {
    const ids = [
      '0',
      '-1',
      '1.5',
      '01',
      '1e3',
      '0x10',
      'abc',
      '%20',
      '9007199254740993',
      "1'%20OR%201=1",
      '%ZZ',
    ];
    for (const id of ids) {
      yield example.path.replace(/\/[0-9]+/, `/${id}`);
    }
  }
  const [bare = ''] = example.path.split('?');
  if (query === undefined) return;
  const bad = [
    'unknown=1',
    'limit=0',
    'limit=101',
    'limit=-1',
    'limit=1.5',
    'limit=abc',
    'limit=',
    'limit=10&limit=20',
    'cursor=%00',
    'cursor=../../etc',
    `cursor=${'x'.repeat(300)}`,
    'cursor=',
    '__proto__=1',
    'constructor=1',
    'category=10',
    'category=-1',
    'minPriceMinor=-1',
    'minPriceMinor=1e5',
    'condition=broken',
    'sort=random',
    'keyword=',
    'keyword=a&keyword=b&keyword=c&keyword=d&keyword=e&keyword=f',
    'keyword=waytoolong',
    'q=a%20b%20c%20d%20e%20f',
    `q=${'x'.repeat(65)}`,
    'quantity=0',
    'quantity=-1',
    'quantity=x',
  ];
  for (const text of bad) yield `${bare}?${text}`;
}

/** A29: what every answer carries. */
export function expectSafeHeaders(headers: Headers): void {
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(headers.get('x-powered-by')).toBeNull();
  expect(headers.get('content-type') ?? 'charset=utf-8').toContain('charset=utf-8');
}

function describeValue(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.slice(0, 200);
}
