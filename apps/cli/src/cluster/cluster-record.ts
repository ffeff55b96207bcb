import { z } from 'zod';

const memberNames = z
  .array(z.string().regex(/^[a-z-]+-\d{1,2}$/))
  .min(1)
  .max(20);
const secret = z.string().regex(/^[0-9a-f]{64}$/, 'must be 32 bytes in hexadecimal');

const RECORD = z.strictObject({
  version: z.literal(1),
  clusterId: z.uuid(),
  foundedAtUnixMs: z.number().int().positive(),
  /** The voting members of each database. Majorities are counted over these, whoever is running. */
  customersDb: memberNames,
  productsDb: memberNames,
  customersEngine: z.enum(['solo']),
  productsEngine: z.enum(['solo', 'raft']),
  store: z.enum(['sqlite', 'memory']),
  currency: z.string(),
  /** Whether the demonstration catalogue was wanted when the marketplace was new. */
  demo: z.boolean(),
  /** With it components prove to each other that they belong to this marketplace. */
  clusterKey: secret,
  /** Signs the tokens of sessions. */
  tokenSecret: secret,
});

/** Records of the first marketplaces have one `engine`, for both databases. */
function withEngines(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('engine' in value)) return value;
  const { engine, ...rest } = value;
  return { customersEngine: engine, productsEngine: engine, ...rest };
}

/**
 * What a marketplace is, written once when it is founded and never again: `cluster.json` in the data folder.
 * Whoever has its two keys can do anything, so the file is for its owner alone (mode 0600).
 */
export const CLUSTER_RECORD = z.preprocess(withEngines, RECORD);

export type ClusterRecord = z.infer<typeof CLUSTER_RECORD>;
