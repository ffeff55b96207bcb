import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { silentLogger } from '@everopen/core';
import { startPayment } from '@everopen/payment';
import { describe, expect, it } from 'vitest';

/** Debian's own Python, where `apt-get install python3-zeep` puts zeep. */
const PYTHON = process.env['EVEROPEN_PYTHON'] ?? '/usr/bin/python3';
const OPERATOR_KEY = 'operator-key-of-the-tests';

function hasZeep(): boolean {
  try {
    execFileSync(PYTHON, ['-c', 'import zeep'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const found = hasZeep();
if (!found) {
  const advice = `${PYTHON} has no zeep: apt-get install python3-zeep (or set EVEROPEN_PYTHON)`;
  if (process.env['CI'] !== undefined) throw new Error(advice);
  console.warn(`SKIPPED: the payment service is not tried with a foreign SOAP client. ${advice}`);
}

describe.skipIf(!found)('the payment service and Python zeep', () => {
  it('P1: a foreign client charges, voids, lists and reads faults over SOAP 1.1 and 1.2', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'everopen-zeep-'));
    const service = await startPayment({
      address: { host: '127.0.0.1', port: 0 },
      dataDirectory: directory,
      clusterKey: OPERATOR_KEY,
      logger: silentLogger,
      onFatal: (error) => {
        throw error;
      },
    });
    try {
      const script = join(import.meta.dirname, 'payment-zeep.py');
      const wsdl = `http://127.0.0.1:${service.address.port}/payment?wsdl`;
      const { stdout } = await promisify(execFile)(PYTHON, [script, wsdl, OPERATOR_KEY]);
      const seen = JSON.parse(stdout) as Record<string, unknown>;
      for (const [port, clientFault] of [
        ['PaymentSoap11', 'Client'],
        ['PaymentSoap12', 'Sender'],
      ] as const) {
        const charged = {
          key: `zeep-${port}`,
          outcome: 'charged',
          reference: expect.stringMatching(/^pay_[0-9a-f]{24}$/) as string,
          amountMinor: 1999,
          currency: 'EUR',
        };
        const voided = { key: `zeep-void-${port}`, outcome: 'voided', amountMinor: 0, currency: 'XXX' };
        const faultcode = expect.stringContaining(clientFault) as string;
        expect(seen[port]).toMatchObject({
          charged,
          again: charged,
          void_after_charge: charged,
          declined: { outcome: 'declined', amountMinor: 5, currency: 'JPY' },
          voided,
          charge_after_void: voided,
          expired: { code: 'InvalidCard', field: 'expiryYear', faultcode },
          reused: { code: 'KeyReused', field: 'amountMinor', faultcode },
          without_key: { code: 'Unauthenticated', faultcode },
        });
        const { entries } = seen[port] as { entries: object[] };
        expect(entries.at(-3)).toMatchObject({ ...charged, cardBrand: 'visa', cardLastFour: '1111' });
      }
    } finally {
      await service.stop();
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
