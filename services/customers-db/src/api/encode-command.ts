import { CustomersCommand } from '@everopen/contract/customers';
import { checkCommand, type Command } from '../validation/check-command.ts';

/** The command of the log for a request that is acceptable by itself; `InvalidArgument` names the field. */
export function encodeCommand(command: Command): Uint8Array {
  checkCommand(command);
  return CustomersCommand.encode({ command }).finish();
}
