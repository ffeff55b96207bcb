import type { PageOptions } from '@everopen/client';
import type { Arguments } from './arguments.ts';

export function pageOf(args: Arguments): PageOptions {
  return {
    ...(args.has('limit') && { limit: args.integer('limit') }),
    ...(args.has('cursor') && { cursor: args.text('cursor') }),
  };
}
