import {
  CodedError,
  nodeDisk,
  systemClock,
  type Disk,
  type Logger,
  type RunningService,
} from '@everopen/core';
import { listenHttp } from './server/payment-http-server.ts';
import { PaymentDesk } from './server/payment-desk.ts';
import { DurableLedger } from './storage/durable-ledger.ts';

export const DECLINE_SHARE_DEFAULT = 0.1;
export const SEED_DEFAULT = 1;
const DELAY_MAX_MS = 600_000;

export interface PaymentConfig {
  /** Where to listen; port 0 lets the system choose. */
  readonly address: { readonly host: string; readonly port: number };
  /** Holds the ledger; made if it is missing. One process at a time. */
  readonly dataDirectory: string;
  /** The shop's key: every call must carry it. */
  readonly clusterKey: string;
  /** The share of charges that are declined, 0–1; default 0.1. */
  readonly declineShare?: number;
  /** Which charges those are; default 1. The same seed and key have the same answer in every run. */
  readonly seed?: number;
  /** Holds back each answer after it has been decided, for demonstrations and tests of lost answers. */
  readonly delayMs?: number;
  /** Where callers reach the service, if not at `address`: stands in the WSDL. */
  readonly publicUrl?: string;
  readonly logger: Logger;
  /** Called once if the disk fails. Nothing is acknowledged after that: end the process. */
  readonly onFatal: (error: CodedError) => void;
}

/**
 * Starts the payment service. Throws `InvalidArgument` naming the setting, or what stopped the ledger from
 * opening: `InUse`, `Corrupt`, `WrongCluster`, `DiskFull`, `DiskFailed`.
 */
export async function startPayment(
  config: PaymentConfig,
  modules: { readonly disk: Disk; readonly unixMs: () => number } = {
    disk: nodeDisk,
    unixMs: () => systemClock.unixMs(),
  },
): Promise<RunningService> {
  const { declineShare = DECLINE_SHARE_DEFAULT, seed = SEED_DEFAULT, delayMs = 0, logger } = config;
  requireSetting('declineShare', declineShare >= 0 && declineShare <= 1, 'be 0–1');
  requireSetting('seed', Number.isSafeInteger(seed), 'be a whole number');
  requireSetting('delayMs', delayMs >= 0 && delayMs <= DELAY_MAX_MS, `be 0–${DELAY_MAX_MS}`);
  requireSetting('clusterKey', /^\S+$/.test(config.clusterKey), 'be a text without spaces');

  const ledger = await DurableLedger.open(
    { directory: config.dataDirectory, seed, declineShare },
    { ...modules, logger, onFatal: config.onFatal },
  );
  const desk = new PaymentDesk({ clusterKey: config.clusterKey, delayMs }, ledger, modules.unixMs);
  try {
    const http = await listenHttp({ ...config.address, publicUrl: config.publicUrl }, desk, logger);
    logger.info({ ...http.address, declineShare, seed }, 'payment service listening');
    return {
      address: http.address,
      stop: async () => {
        await http.stop();
        await ledger.close();
      },
    };
  } catch (error) {
    await ledger.close();
    throw error;
  }
}

function requireSetting(field: string, holds: boolean, must: string): void {
  if (holds) return;
  throw new CodedError('InvalidArgument', `The payment setting ${field} must ${must}`, {
    details: { field },
  });
}
