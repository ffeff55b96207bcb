import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger, RunningService } from '@everopen/core';
import { createPaymentClient } from '../src/client/create-payment-client.ts';
import type { PaymentClient } from '../src/client/payment-client.ts';
import type { Card } from '../src/card/card.ts';
import { startPayment, type PaymentConfig } from '../src/start-payment.ts';

export const OPERATOR_KEY = 'operator-key-of-the-tests';

/** A good card whose charges are decided by the draw. */
export const DRAWN_CARD: Card = {
  holderName: 'Grace Hopper',
  number: '4242424242424242',
  expiryMonth: 12,
  expiryYear: new Date().getUTCFullYear() + 1,
  securityCode: '987',
};

/** A service on a free port with a folder of its own, which can be restarted; for tests. */
export class TestService {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'everopen-payment-'));
  /** Every line that was logged, as JSON. */
  readonly logged: string[] = [];
  private running: RunningService | undefined;
  private readonly clients: PaymentClient[] = [];

  get url(): string {
    if (this.running === undefined) throw new Error('The service is not running');
    return `http://127.0.0.1:${this.running.address.port}/payment`;
  }

  async start(config: Partial<PaymentConfig> = {}): Promise<void> {
    this.running = await startPayment({
      address: { host: '127.0.0.1', port: 0 },
      dataDirectory: this.directory,
      clusterKey: OPERATOR_KEY,
      logger: this.logger(),
      onFatal: (error) => {
        throw error;
      },
      ...config,
    });
  }

  client(): PaymentClient {
    const client = createPaymentClient({ url: this.url, clusterKey: OPERATOR_KEY });
    this.clients.push(client);
    return client;
  }

  /** Posts a body as it is, with the shop's key unless told otherwise. */
  async post(body: string | Uint8Array, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.url, {
      method: 'POST',
      headers: {
        'content-type': 'text/xml; charset=utf-8',
        authorization: `Bearer ${OPERATOR_KEY}`,
        ...headers,
      },
      body: body as string,
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.clients.splice(0).map((client) => client.close()));
    await this.running?.stop();
    this.running = undefined;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private logger(): Logger {
    const log = (facts: object, message: string): void => {
      this.logged.push(JSON.stringify({ ...facts, message }));
    };
    return { debug: log, info: log, warn: log, error: log };
  }
}
