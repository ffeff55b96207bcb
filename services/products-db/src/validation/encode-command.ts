import { LIMITS } from '@everopen/contract';
import { ProductsCommand } from '@everopen/contract/products';
import { CodedError } from '@everopen/core';

export type Command = NonNullable<ProductsCommand['command']>;

/** A command as the log holds it. */
export function encodeCommand(command: Command): Uint8Array {
  const bytes = ProductsCommand.encode({ command }).finish();
  if (bytes.length > LIMITS.commandMaxBytes) {
    throw new CodedError('PayloadTooLarge', `A command is at most ${LIMITS.commandMaxBytes} bytes`, {
      details: { limit: LIMITS.commandMaxBytes },
    });
  }
  return bytes;
}

/** The command of a log entry. The log may hold anything: what cannot be read is refused, not trusted. */
export function decodeCommand(bytes: Uint8Array): Command {
  let command: ProductsCommand['command'];
  try {
    command = ProductsCommand.decode(bytes).command;
  } catch (cause) {
    throw new CodedError('InvalidArgument', 'The command cannot be decoded', { cause });
  }
  if (command === undefined) throw new CodedError('InvalidArgument', 'The command is not known here');
  return command;
}
