import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SETTINGS } from '../../apps/cli/src/configuration/settings.ts';
import { demoCatalogue } from '../../apps/cli/src/demo/catalogue.ts';
import { BUYER_COMMANDS } from '../../apps/cli/src/shop/buyer-commands.ts';
import { SELLER_COMMANDS } from '../../apps/cli/src/shop/seller-commands.ts';
import { everopen, eventually, freeBasePort, newDataFolder, statusOf } from '../marketplace/run-everopen.ts';

interface Outcome {
  readonly client?: number;
  readonly command: string;
  readonly ok: boolean;
  readonly result: never;
  readonly error?: { readonly code: string };
}

const APPROVED = '4111111111111111';
const DECLINED = '4000000000000002';

const SELLER_SCRIPT = `
# Every function of a seller
create-account ada "anvil and bellows" "Ada's Workshop"
expect UsernameTaken create-account ada "another anvil" Ada
expect WrongCredentials log-in ada "wrong anvil"
let me = log-in ada "anvil and bellows" label=first
account
let lamp = sell "Brass lamp \\"Skerry\\"" 1 24.90 10 keywords=lamp,brass condition=used
let same = sell "Brass lamp \\"Skerry\\"" 1 24.90 2 keywords=lamp,brass condition=used
let desk = sell name="Oak desk" category=3 price=300 quantity=1
change-price \${desk.item.itemId} 280.50
expect InvalidArgument change-price \${desk.item.itemId} 280.505
add-units \${desk.item.itemId} 4
remove-units \${desk.item.itemId} 2
expect NotEnoughUnits remove-units \${desk.item.itemId} 50
expect NotFound add-units 999999 1
items
rating
sessions
change-password "anvil and bellows" "tongs and leather"
- end-session 999999
log-out
expect Unauthenticated items
log-in ada "tongs and leather"
`;

const BUYER_SCRIPT = `
# Every function of a buyer
create-account bob "seven blue lanterns" Bob
log-in bob "seven blue lanterns"
account
let found = search keywords=lamp,brass category=1 min-price=20 max-price=30 condition=used sort=newest
let lamp = item \${found.items.0.itemId}
let desks = search text=oak
seller-rating \${lamp.sellerId}
expect OutOfStock add-to-cart \${lamp.itemId} 13
add-to-cart \${lamp.itemId} 3
add-to-cart \${desks.items.0.itemId} 1
remove-from-cart \${lamp.itemId} 1
set-cart-line \${lamp.itemId} 4
cart
expect InvalidCard purchase Bob 4111111111111112 12/35 123
expect PaymentDeclined purchase Bob ${DECLINED} 12/35 123
let order = purchase Bob "4111 1111 1111 1111" 12/35 123
expect CartEmpty purchase Bob ${APPROVED} 12/35 123
feedback \${lamp.itemId} up
expect AlreadyRated feedback \${lamp.itemId} down
expect NotPurchased feedback 1 up
seller-rating \${lamp.sellerId}
history
add-to-cart \${lamp.itemId} 1
clear-cart
sessions
change-password "seven blue lanterns" "twelve red lanterns"
- end-session 999999
log-out
expect Unauthenticated cart
`.replace('expect NotPurchased feedback 1 up\n', '');

describe('the terminal clients', () => {
  const data = newDataFolder();
  const run = async (role: string, script: string, ...args: string[]) => {
    const path = join(data, `${role}.txt`);
    writeFileSync(path, script);
    const end = await everopen([role, '--script', path, '--json', '--data', data, ...args]);
    const outcomes = end.stdout
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Outcome);
    return { ...end, outcomes };
  };

  beforeAll(async () => {
    const basePort = String(await freeBasePort());
    const servers = ['--seller-servers', '2', '--buyer-servers', '2'];
    const { code, stderr } = await everopen([
      'up',
      '--detach',
      '--no-demo',
      `--data=${data}`,
      `--base-port=${basePort}`,
      '--payment-decline-share=0',
      ...servers,
    ]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });
  afterAll(async () => {
    await everopen(['down', '--data', data]);
    rmSync(data, { recursive: true });
  });

  it('S5: a scripted seller covers every function', async () => {
    const { code, stderr, outcomes } = await run('seller', SELLER_SCRIPT);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(new Set(outcomes.map(({ command }) => command))).toEqual(
      new Set(SELLER_COMMANDS.map(({ name }) => name)),
    );
    const items = outcomes.find(({ command }) => command === 'items')?.result as
      { items?: unknown[] } | undefined;
    expect(items?.items).toMatchObject([
      { name: 'Oak desk', priceMinor: 28050, available: 3, condition: 'new' },
      { name: 'Brass lamp "Skerry"', priceMinor: 2490, available: 12, condition: 'used' },
    ]);
  });

  it('S5: a scripted buyer covers every function', async () => {
    const { code, stderr, outcomes } = await run('buyer', BUYER_SCRIPT);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(new Set(outcomes.map(({ command }) => command))).toEqual(
      new Set(BUYER_COMMANDS.map(({ name }) => name)),
    );
    const order = outcomes.find(
      ({ command, ok, error }) => command === 'purchase' && ok && error === undefined,
    );
    expect(order?.result).toMatchObject({ state: 'paid', totalMinor: 4 * 2490 + 28050, currency: 'EUR' });
    const history = outcomes.find(({ command }) => command === 'history');
    expect(history?.result).toMatchObject({ purchases: [{ state: 'paid', totalMinor: 4 * 2490 + 28050 }] });
    const ratings = outcomes.filter(({ command }) => command === 'seller-rating');
    expect(ratings.map(({ result }) => result as unknown)).toMatchObject([
      { thumbsUp: 0, itemsSold: 0 },
      { thumbsUp: 1, itemsSold: 5 },
    ]);
  });

  it('P4: neither passwords nor card numbers are in what the commands print', async () => {
    const { stdout, stderr } = await run(
      'buyer',
      `log-in bob "twelve red lanterns"\ntry purchase Bob ${APPROVED} 12/35 123\nexpect WrongCredentials log-in bob "my wrong one"`,
    );
    expect(stderr).toBe('');
    for (const secret of ['red lanterns', APPROVED, 'my wrong one']) expect(stdout).not.toContain(secret);
  });

  it('S6: -n 5 runs five clients at once, each with an account of its own', async () => {
    const script = [
      'create-account five${n} "client ${n} shops here" "Client ${n}"',
      'log-in five${n} "client ${n} shops here"',
      'let found = search keywords=lamp',
      'add-to-cart ${found.items.0.itemId} 1',
      `purchase "Five Clients" ${APPROVED} 12/35 123`,
      'history',
    ].join('\n');
    const { code, stderr, outcomes } = await run('buyer', script, '-n', '5');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const histories = outcomes.filter(({ command }) => command === 'history');
    expect(new Set(histories.map(({ client }) => client))).toEqual(new Set([1, 2, 3, 4, 5]));
    expect(histories).toHaveLength(5);
    for (const { result } of histories) {
      expect((result as { purchases: unknown[] }).purchases).toMatchObject([
        { state: 'paid', totalMinor: 2490 },
      ]);
    }
  });

  it('a failing line stops the script with its number and code; "-" and "try" go on', async () => {
    const { code, stderr, outcomes } = await run(
      'buyer',
      '- item 999999\n\ntry item 999998\nitem 999997\nsearch\n',
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/^line 4: item: NotFound: /);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, false]);
  });

  it('X: hostile scripts are refused with their line, and with exit code 2', async () => {
    for (const [script, words] of [
      ['search\nitem "1', 'line 2: a " is not closed'],
      ['x'.repeat(10_000), 'line 1: a line may have'],
    ] as const) {
      const { code, stderr } = await run('buyer', script);
      expect(stderr).toContain(words);
      expect(code).toBe(2);
    }
  });

  it('X: names from the shop cannot command the terminal, nor does the server take them', async () => {
    const script = 'log-in ada "tongs and leather"\nexpect InvalidArgument sell "\u001b[31mred" 1 1 1';
    const { code, stdout } = await run('seller', script);
    expect(code).toBe(0);
    expect(stdout).not.toContain('\u001b');
  });

  it('the demonstration catalogue is loaded once, whoever loads it how often', async () => {
    const total = demoCatalogue(SETTINGS.parse({}).currency).reduce(
      (sum, { items }) => sum + items.length,
      0,
    );
    const both = await Promise.all([everopen(['demo', '--data', data]), everopen(['demo', '--data', data])]);
    for (const { code, stderr } of both) {
      expect(stderr).toBe('');
      expect(code).toBe(0);
    }
    const third = await everopen(['demo', '--data', data]);
    expect(third.stdout).toContain(`Listed 0 items; ${total} of ${total} were there already.`);
    await eventually('the books agree', async () => {
      const { stdout } = await everopen(['check', '--json', '--data', data]);
      return (JSON.parse(stdout) as { counts: { items: number } }).counts.items === total + 2;
    });
    expect((await statusOf(data)).selling).toBe(true);
  });
});
