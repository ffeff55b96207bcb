import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RAFT_REPLICAS_MAX } from '@everopen/products-db';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandFailure } from '../failure.ts';
import { loadSettings, type SettingSources } from './load-settings.ts';
import { environmentVariableOf, flagOf } from './setting-names.ts';
import { SETTING_NAMES } from './settings.ts';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'everopen-settings-'))));
afterEach(() => rmSync(directory, { recursive: true }));

function configFile(contents: string): string {
  const path = join(directory, 'shop.json');
  writeFileSync(path, contents);
  return path;
}

function refusal(sources: SettingSources): string {
  try {
    loadSettings(sources);
  } catch (error) {
    expect(error).toBeInstanceOf(CommandFailure);
    expect((error as CommandFailure).exitCode).toBe(2);
    return (error as Error).message;
  }
  throw new Error('was accepted');
}

const FOUNDED = {
  customersDbReplicas: 1,
  productsDbReplicas: 1,
  customersEngine: 'solo',
  productsEngine: 'solo',
  store: 'sqlite',
  currency: 'USD',
} as const;

describe('settings', () => {
  it('have defaults that need no configuration', () => {
    expect(loadSettings({})).toMatchObject({
      basePort: 8080,
      sellerServers: 4,
      buyerServers: 4,
      store: 'sqlite',
    });
  });

  it('a flag wins over the environment, that over the file, that over the founding, that over --small', () => {
    const file = configFile('{"basePort": 3000, "logFiles": 7, "buyerServers": 2}');
    const settings = loadSettings({
      flags: { basePort: '1000' },
      environment: { EVEROPEN_BASE_PORT: '2000', EVEROPEN_LOG_FILES: '8' },
      configFile: file,
      small: true,
      founded: FOUNDED,
    });
    expect(settings).toMatchObject({
      basePort: 1000,
      logFiles: 8,
      buyerServers: 2,
      sellerServers: 1,
      currency: 'USD',
    });
  });

  it('R1: the products database has five replicas over Raft, or one alone where that is asked for', () => {
    expect(loadSettings({})).toMatchObject({ productsEngine: 'raft', productsDbReplicas: 5 });
    const alone = { productsEngine: 'solo', productsDbReplicas: 1 };
    expect(loadSettings({ small: true })).toMatchObject(alone);
    expect(loadSettings({ flags: { productsEngine: 'solo' } })).toMatchObject(alone);
    expect(loadSettings({ flags: { productsDbReplicas: '3' } })).toMatchObject({
      productsEngine: 'raft',
      productsDbReplicas: 3,
    });
  });

  it('R1: a marketplace keeps the replicas it was founded with, small or not', () => {
    const five = { ...FOUNDED, productsEngine: 'raft', productsDbReplicas: 5 } as const;
    expect(loadSettings({ founded: five, small: true })).toMatchObject(five);
    expect(loadSettings({ founded: FOUNDED })).toMatchObject(FOUNDED);
    expect(refusal({ founded: FOUNDED, flags: { productsEngine: 'raft' } })).toContain(
      'productsEngine (from --products-engine): this marketplace was founded with solo',
    );
  });

  it('X: more replicas than an engine can have are refused', () => {
    expect(refusal({ flags: { productsDbReplicas: '2', productsEngine: 'solo' } })).toContain(
      'productsDbReplicas (from --products-db-replicas): must be 1 with the engine solo',
    );
    const tooMany = String(RAFT_REPLICAS_MAX + 1);
    expect(refusal({ flags: { productsDbReplicas: tooMany } })).toContain(
      'must be at most 9 with the engine raft',
    );
    expect(refusal({ flags: { customersDbReplicas: '2' } })).toContain('must be 1 with the engine solo');
  });

  it('X: every wrong value is named at once, with where it came from and what it was', () => {
    const message = refusal({
      flags: { sellerServers: '0' },
      environment: { EVEROPEN_BASE_PORT: '99999', EVEROPEN_LOG_LEVEL: 'loud' },
      configFile: configFile('{"stopTimeoutMs": "soon", "colour": "red"}'),
    });
    expect(message).toContain('sellerServers (from --seller-servers): must be at least 1, got 0');
    expect(message).toContain('basePort (from EVEROPEN_BASE_PORT): must be at most 65235, got 99999');
    expect(message).toContain(
      'logLevel (from EVEROPEN_LOG_LEVEL): must be one of debug, info, warn, error, got "loud"',
    );
    expect(message).toMatch(/stopTimeoutMs \(from .*shop\.json\): must be a number, got "soon"/);
    expect(message).toMatch(/"colour" \(from .*shop\.json\): there is no such setting/);
  });

  it.each(['1.5', '1e3', ' 5', '0x10', 'NaN', '', '-', '99999999999999999999', '\0', 'x'.repeat(1_000_000)])(
    'X: text that is no port number is refused: %j',
    (text) => {
      if (text === '')
        return expect(loadSettings({ environment: { EVEROPEN_BASE_PORT: text } }).basePort).toBe(8080);
      const message = refusal({ flags: { basePort: text } });
      expect(message).toContain('basePort (from --base-port)');
      expect(message.length).toBeLessThan(400);
    },
  );

  it('X: what was fixed at the founding cannot be changed afterwards', () => {
    const message = refusal({ flags: { currency: 'EUR', store: 'memory' }, founded: FOUNDED });
    expect(message).toContain('currency (from --currency): this marketplace was founded with USD');
    expect(message).toContain('store (from --store): this marketplace was founded with sqlite');
  });

  it.each(['[]', 'null', '"text"', '{', '{"basePort": 1,}'])(
    'X: a configuration file that is no object: %s',
    (text) => {
      expect(refusal({ configFile: configFile(text) })).toContain('shop.json');
    },
  );

  it('X: __proto__ in a configuration file is an unknown setting and pollutes nothing', () => {
    expect(refusal({ configFile: configFile('{"__proto__": {"polluted": true}}') })).toContain(
      'no such setting',
    );
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('X: a missing configuration file, and a huge one', () => {
    expect(refusal({ configFile: join(directory, 'none.json') })).toContain('ENOENT');
    expect(refusal({ configFile: configFile(' '.repeat(70_000)) })).toContain('64 KiB');
  });

  it('X: whatever is given for a setting, the outcome is settings or a CommandFailure', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SETTING_NAMES), fc.string(), (name, text) => {
        try {
          loadSettings({ flags: { [name]: text } });
        } catch (error) {
          expect(error).toBeInstanceOf(CommandFailure);
          expect((error as Error).message).toContain(flagOf(name));
        }
      }),
    );
  });

  it('every setting has a variable and a flag of its own', () => {
    expect(new Set(SETTING_NAMES.map(flagOf)).size).toBe(SETTING_NAMES.length);
    expect(environmentVariableOf('customersDbReplicas')).toBe('EVEROPEN_CUSTOMERS_DB_REPLICAS');
    expect(flagOf('customersDbReplicas')).toBe('--customers-db-replicas');
  });
});
