import { CodedError } from '@everopen/core';
import type { OpenWriteAheadLog } from './write-ahead-log.ts';

export const openWriteAheadLog: OpenWriteAheadLog = async (_disk, options) => {
  throw new CodedError('NotReady', `The log in ${options.directory} cannot be opened by this build`);
};
