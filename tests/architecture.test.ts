import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * The arrows of docs/architecture.md. A folder may import those listed for it and nothing else of the house:
 * packages never import services, services never import apps, and everything points downwards.
 */
const ARROWS: Record<string, readonly string[]> = {
  core: [],
  wal: ['core'],
  simulation: ['core'],
  raft: ['core', 'wal'],
  group: ['core', 'wal'],
  replica: ['core', 'wal'],
  contract: ['core'],
  rpc: ['core', 'contract', 'replica'],
  rest: ['core', 'contract'],
  client: ['core', 'contract'],
  'customers-db': ['core', 'wal', 'replica', 'contract', 'rpc'],
  'products-db': ['core', 'wal', 'raft', 'replica', 'contract', 'rpc'],
  payment: ['core', 'contract'],
  accounts: ['core', 'contract', 'rpc', 'rest'],
  'seller-server': ['core', 'contract', 'rpc', 'rest', 'accounts'],
  'buyer-server': ['core', 'contract', 'rpc', 'rest', 'accounts', 'payment'],
  audit: ['core', 'contract', 'rpc', 'payment'],
  cli: [
    'core',
    'wal',
    'replica',
    'contract',
    'rpc',
    'client',
    'customers-db',
    'products-db',
    'payment',
    'seller-server',
    'buyer-server',
    'audit',
  ],
};

/** Tests and simulations may use these on top: nothing that runs in production does. */
const TEST_ARROWS = ['simulation', 'replica', 'customers-db', 'products-db', 'payment'];

const root = join(import.meta.dirname, '..');

interface Source {
  readonly house: string;
  readonly file: string;
  readonly isTest: boolean;
  readonly imports: readonly string[];
}

function* files(directory: string): Generator<string> {
  for (const name of readdirSync(directory)) {
    if (name === 'node_modules' || name === 'dist') continue;
    const path = join(directory, name);
    if (statSync(path).isDirectory()) yield* files(path);
    else if (/\.(ts|tsx|mjs|js)$/.test(name)) yield path;
  }
}

function sources(): Source[] {
  const found: Source[] = [];
  for (const floor of ['packages', 'services', 'apps']) {
    for (const house of readdirSync(join(root, floor))) {
      if (!existsSync(join(root, floor, house, 'package.json'))) continue;
      for (const file of files(join(root, floor, house))) {
        const text = readFileSync(file, 'utf8');
        const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map(
          (m) => m[1] as string,
        );
        const isTest = /\.test\.ts$|\/test\/|\/testing\//.test(file);
        found.push({ house, file: file.slice(root.length + 1), isTest, imports });
      }
    }
  }
  return found;
}

function violations(all: readonly Source[], arrows: typeof ARROWS): string[] {
  return all.flatMap(({ house, file, isTest, imports }) => {
    const allowed = [house, ...(arrows[house] ?? []), ...(isTest ? TEST_ARROWS : [])];
    return imports.flatMap((target) => {
      const other = /^@everopen\/([^/]+)/.exec(target)?.[1];
      if (other !== undefined && !allowed.includes(other)) return [`${file} must not import ${target}`];
      const leavesItsFolder =
        target.startsWith('..') && !/^(packages|services|apps)\/[^/]+/.test(resolveFrom(file, target, house));
      return leavesItsFolder && !isTest ? [`${file} reaches out of its folder: ${target}`] : [];
    });
  });
}

/** The path that a relative import names, "" when it leaves the package. */
function resolveFrom(file: string, target: string, house: string): string {
  const path = join(file, '..', target);
  return path.split('/')[1] === house ? path : '';
}

describe('the house', () => {
  const all = sources();

  it('has a rule for every folder', () => {
    expect(new Set(all.map(({ house }) => house))).toEqual(new Set(Object.keys(ARROWS)));
  });

  it('has arrows that go down only', () => {
    expect(violations(all, ARROWS)).toEqual([]);
  });

  it('would notice an arrow that goes up', () => {
    const bad: Source = {
      house: 'core',
      file: 'packages/core/src/x.ts',
      isTest: false,
      imports: ['@everopen/payment', '../../wal/src/index.ts'],
    };
    expect(violations([bad], ARROWS)).toHaveLength(2);
  });

  it('reads no clock, randomness or timer in state machines and protocol cores', () => {
    const forbidden =
      /Date\.now|Math\.random|new Date\(\)|setTimeout|setInterval|process\.hrtime|performance\.now|randomBytes/;
    const pure =
      /services\/[^/]+\/src\/(machine|purchase\/step|ledger\/decide)|packages\/[^/]+\/src\/(state|time|exactly-once|core)\/|packages\/group\/src\/(membership|ordering|replication|wire|model)\//;
    const guilty = all
      .filter(({ file, isTest }) => !isTest && pure.test(file))
      .filter(({ file }) => forbidden.test(readFileSync(join(root, file), 'utf8')))
      .map(({ file }) => file);
    expect(guilty).toEqual([]);
  });
});
