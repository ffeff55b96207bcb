import { isCurrency } from '@everopen/contract';
import { z } from 'zod';
import { PORT_PLAN } from '../topology/port-plan.ts';

/** Ports above this would leave no room for the whole port plan. */
export const BASE_PORT_MAX = 65_535 - PORT_PLAN.span;

const count = (limit: number) => z.number().int().min(1).max(limit);

/**
 * Every setting of a marketplace: the one place for names, limits, defaults and their explanations. The
 * environment variable and the flag of a setting follow from its name (`setting-names.ts`), and
 * `docs/configuration.md` is made from this object.
 */
export const SETTINGS = z.strictObject({
  host: z
    .string()
    .regex(/^[A-Za-z0-9_.:-]{1,253}$/, 'must be an IP address or a host name')
    .default('127.0.0.1')
    .describe('Address that every component listens on. Beyond loopback, put a TLS proxy in front.'),
  basePort: z
    .number()
    .int()
    .min(1)
    .max(BASE_PORT_MAX)
    .default(8080)
    .describe('First port of the port plan; the port itself is kept for the gateway.'),
  sellerServers: count(PORT_PLAN.sellerServer.count).default(4).describe('Number of seller servers.'),
  buyerServers: count(PORT_PLAN.buyerServer.count).default(4).describe('Number of buyer servers.'),
  customersDbReplicas: count(PORT_PLAN.customersDb.count)
    .default(1)
    .describe('Replicas of the customers database. Fixed when the marketplace is founded.'),
  productsDbReplicas: count(PORT_PLAN.productsDb.count)
    .default(5)
    .describe(
      'Replicas of the products database: 1 with `solo`, at most 9 with `raft`. Fixed when the marketplace is founded.',
    ),
  customersEngine: z
    .enum(['solo'])
    .default('solo')
    .describe('Who orders the log of the customers database: `solo` is a single replica. Fixed at founding.'),
  productsEngine: z
    .enum(['solo', 'raft'])
    .default('raft')
    .describe(
      'Who orders the log of the products database: `raft` is a majority of its replicas, `solo` a single one. Fixed at founding.',
    ),
  store: z
    .enum(['sqlite', 'memory'])
    .default('sqlite')
    .describe(
      'Where a replica keeps its rows: `memory` loads from the log at each start. Fixed at founding.',
    ),
  currency: z
    .string()
    .refine(isCurrency, 'must be an ISO 4217 code that the marketplace knows, such as EUR or USD')
    .default('EUR')
    .describe('Currency of prices that are given without one. Fixed at founding.'),
  demo: z
    .boolean()
    .default(true)
    .describe('Whether a new marketplace is filled with the demonstration catalogue.'),
  paymentDeclineShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('Share of cards that payment declines, from 0 to 1.'),
  paymentSeed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .optional()
    .describe('Makes payment decline the same charges in every run.'),
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('Least severe message that components write to their logs.'),
  logFileBytes: z
    .number()
    .int()
    .min(4096)
    .max(2 ** 30)
    .default(5 * 2 ** 20)
    .describe('A log file larger than this is rotated, in bytes.'),
  logFiles: z.number().int().min(1).max(100).default(3).describe('Log files kept of each component.'),
  stopTimeoutMs: z
    .number()
    .int()
    .min(100)
    .max(600_000)
    .default(5_000)
    .describe('A component that has not stopped after this many milliseconds is killed.'),
  restartDelayMinMs: z
    .number()
    .int()
    .min(10)
    .max(60_000)
    .default(100)
    .describe('Pause before the first restart of a component that crashed; each further one doubles it.'),
  restartDelayMaxMs: z
    .number()
    .int()
    .min(10)
    .max(600_000)
    .default(10_000)
    .describe('Longest pause before a restart.'),
  healthyAfterMs: z
    .number()
    .int()
    .min(100)
    .max(3_600_000)
    .default(10_000)
    .describe('A component that has run this long starts again with the shortest pause.'),
});

export type Settings = z.infer<typeof SETTINGS>;
export type SettingName = keyof Settings;

export const SETTING_NAMES = Object.keys(SETTINGS.shape) as SettingName[];

/**
 * What `--small` stands for: one of everything. Single settings given beside it win, and a marketplace keeps the
 * replicas it was founded with.
 */
export const SMALL: Partial<Settings> = {
  sellerServers: 1,
  buyerServers: 1,
  productsDbReplicas: 1,
  productsEngine: 'solo',
};

/** Settings that a marketplace keeps from its founding on. */
export const FOUNDING_SETTINGS = [
  'customersDbReplicas',
  'productsDbReplicas',
  'customersEngine',
  'productsEngine',
  'store',
  'currency',
] as const satisfies readonly SettingName[];
