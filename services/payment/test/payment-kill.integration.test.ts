import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPaymentClient } from '../src/client/create-payment-client.ts';
import type { PaymentAnswer } from '../src/client/payment-client.ts';
import type { LedgerEntry } from '../src/ledger/ledger-entry.ts';
import { DRAWN_CARD, OPERATOR_KEY } from './test-service.ts';

const ROUNDS = 5;
const CALLERS = 16;

let directory: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'everopen-payment-kill-'));
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

async function startProcess(): Promise<string> {
  child = fork(join(import.meta.dirname, 'payment-process.mjs'), [directory, '0'], { execArgv: [] });
  const [port] = (await once(child, 'message')) as [number];
  return `http://127.0.0.1:${port}/payment`;
}

describe('a payment service that is killed', () => {
  it('P3: kill -9 in mid-load loses no answer that was given and changes none', async () => {
    const given = new Map<string, PaymentAnswer>();
    let unanswered = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const client = createPaymentClient({ url: await startProcess(), clusterKey: OPERATOR_KEY });
      let killed = false;
      const caller = async (name: number): Promise<void> => {
        for (let n = 0; !killed; n++) {
          const key = `${round}-${name}-${n}`;
          try {
            given.set(
              key,
              await client.charge({ key, amountMinor: n + 1, currency: 'EUR', card: DRAWN_CARD }),
            );
          } catch (error) {
            expect(error).toMatchObject({ code: 'PaymentUnavailable' });
            unanswered++;
          }
        }
      };
      const load = Promise.all(Array.from({ length: CALLERS }, (_, name) => caller(name)));
      const enough = given.size + 200 * (round + 1);
      while (given.size < enough) await new Promise((resolve) => setTimeout(resolve, 5));
      const exit = once(child as ChildProcess, 'exit');
      child?.kill('SIGKILL');
      await exit;
      killed = true;
      await load;
      await client.close();
    }
    expect(unanswered).toBeGreaterThan(0);

    const client = createPaymentClient({ url: await startProcess(), clusterKey: OPERATOR_KEY });
    const kept = new Map<string, LedgerEntry>();
    let last = 0;
    for (
      let page = await client.listEntries(0, 100);
      page.length > 0;
      page = await client.listEntries(last, 100)
    ) {
      for (const entry of page) {
        expect(entry.number).toBe(++last);
        kept.set(entry.key, entry);
      }
    }
    expect(kept.size).toBe(last);
    for (const [key, answer] of given) expect(kept.get(key)).toMatchObject(answer);
    await client.close();
  });
});
