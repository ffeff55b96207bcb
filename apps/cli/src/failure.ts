import { isCodedError } from '@everopen/core';

/** What each exit code means; `docs/cli.md` has the same table. */
export const EXIT = {
  fine: 0,
  /** The command was understood and refused, or a check failed. */
  refused: 1,
  /** Wrong usage or configuration: the same command will fail again. */
  usage: 2,
  /** No marketplace is running on this data folder. */
  notRunning: 3,
  /** Interrupted by Ctrl-C (128 + SIGINT). */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends the command with this message and exit code; anything else that is thrown is a fault of ours. */
export class CommandFailure extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'CommandFailure';
    this.exitCode = exitCode;
  }
}

/** `InvalidArgument` and `WrongCluster` will not go away by trying again; other coded errors may. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandFailure) return error.exitCode;
  if (isCodedError(error, 'InvalidArgument') || isCodedError(error, 'WrongCluster')) return EXIT.usage;
  return EXIT.refused;
}
