import { CommanderError } from 'commander';
import { isCodedError } from '@everopen/core';
import { CommandFailure, EXIT, exitCodeOf } from './failure.ts';
import { buildProgram } from './program.ts';

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.fine);
  throw error;
});
// Nobody reads what went wrong; the exit code still tells it.
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

let exitCode: number = EXIT.fine;
try {
  const args = process.argv.slice(2);
  const program = await buildProgram(args, (code) => (exitCode = code));
  await program.parseAsync(args, { from: 'user' });
} catch (error) {
  exitCode = tell(error);
}
process.exitCode = exitCode;
// A component that was told to end, ends, whatever still holds a handle.
if (process.argv[2] === 'node' || process.argv[2] === 'up') process.exit();

/** Says what went wrong, without a stack unless it is a fault of ours; returns the exit code. */
function tell(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
  if (error instanceof CommandFailure) console.error(error.message);
  else if (isCodedError(error)) console.error(`${error.message} (${error.code})`);
  else console.error(error);
  return exitCodeOf(error);
}
