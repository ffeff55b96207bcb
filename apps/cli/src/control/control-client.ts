import { connect } from 'node:net';
import { CodedError } from '@everopen/core';
import { CommandFailure, EXIT } from '../failure.ts';
import { controlAddress } from './control-address.ts';
import type { ControlAnswer, ControlRequest, MarketplaceStatus, NodeVerb } from './control-protocol.ts';
import { CONTROL_LINE_BYTES_MAX } from './control-protocol.ts';
import { LineReader } from './line-reader.ts';

type Asked = { verb: 'status' | 'down' } | { verb: NodeVerb; node: string };

/**
 * One question to the supervisor of a data folder. Without one: a `CommandFailure` with exit code 3.
 * `untilClosed` waits for the supervisor itself to end.
 */
export function askSupervisor(
  dataDirectory: string,
  asked: Asked,
  options: { readonly untilClosed?: boolean } = {},
): Promise<unknown> {
  const path = controlAddress(dataDirectory);
  return new Promise((resolve, reject) => {
    const reader = new LineReader(CONTROL_LINE_BYTES_MAX);
    const socket = connect(path);
    let result: unknown;
    let answered = false;
    socket.once('connect', () =>
      socket.write(`${JSON.stringify({ id: 1, ...asked } satisfies ControlRequest)}\n`),
    );
    socket.on('data', (bytes: Buffer) => {
      for (const line of reader.push(bytes)) {
        const answer = JSON.parse(line) as ControlAnswer;
        if ('error' in answer) reject(new CodedError(answer.error.code, answer.error.message));
        else result = answer.result;
        answered = true;
        if (options.untilClosed !== true || 'error' in answer) socket.destroy();
      }
    });
    socket.once('close', () => {
      if (answered) resolve(result);
      else reject(new CommandFailure(EXIT.notRunning, 'The marketplace went away before it answered'));
    });
    socket.once('error', (cause: NodeJS.ErrnoException) => {
      const nobody = cause.code === 'ENOENT' || cause.code === 'ECONNREFUSED' || cause.code === 'ENOTDIR';
      const message = nobody
        ? `No marketplace is running on ${dataDirectory}. Start one with: everopen up`
        : `The marketplace on ${dataDirectory} cannot be asked: ${cause.message}`;
      reject(new CommandFailure(nobody ? EXIT.notRunning : EXIT.refused, message, { cause }));
    });
  });
}

export async function askStatus(dataDirectory: string): Promise<MarketplaceStatus> {
  return (await askSupervisor(dataDirectory, { verb: 'status' })) as MarketplaceStatus;
}
