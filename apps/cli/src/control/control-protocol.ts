import { z } from 'zod';
import type { NodeStatus } from '../supervisor/node-status.ts';

/**
 * How commands talk to the supervisor: a Unix socket in the data folder (open to the owner alone), one JSON
 * object a line each way. The answer to a request carries its id.
 */
export const CONTROL_SOCKET = 'control.sock';

/** Longest line in either direction, in bytes. */
export const CONTROL_LINE_BYTES_MAX = 256 * 1024;
export const CONTROL_CONNECTIONS_MAX = 64;

const node = z.string().min(1).max(64);

export const CONTROL_REQUEST = z.discriminatedUnion('verb', [
  z.strictObject({ id: z.number().int(), verb: z.literal('status') }),
  z.strictObject({ id: z.number().int(), verb: z.literal('down') }),
  z.strictObject({ id: z.number().int(), verb: z.literal('kill'), node }),
  z.strictObject({ id: z.number().int(), verb: z.literal('pause'), node }),
  z.strictObject({ id: z.number().int(), verb: z.literal('resume'), node }),
  z.strictObject({ id: z.number().int(), verb: z.literal('restart'), node }),
]);

export type ControlRequest = z.infer<typeof CONTROL_REQUEST>;
export type NodeVerb = Extract<ControlRequest, { node: string }>['verb'];

export type ControlAnswer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: { readonly code: string; readonly message: string } };

export type DemoState = 'none' | 'loading' | 'loaded' | 'failed';

/** The answer to `status`. */
export interface MarketplaceStatus {
  readonly clusterId: string;
  readonly dataDirectory: string;
  readonly supervisorPid: number;
  readonly uptimeMs: number;
  readonly supervisorRssBytes: number;
  /** Whether it has sold since its start: every component was ready and a search was answered. */
  readonly selling: boolean;
  readonly currency: string;
  readonly demo: DemoState;
  readonly nodes: readonly NodeStatus[];
}
