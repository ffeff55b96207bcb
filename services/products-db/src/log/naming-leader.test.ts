import { CodedError } from '@everopen/core';
import type { OrderedLog } from '@everopen/replica';
import { describe, expect, it } from 'vitest';
import { namingLeader } from './naming-leader.ts';

const failing = (error: Error): OrderedLog => ({
  submit: () => Promise.reject(error),
  readPoint: () => Promise.reject(error),
  committed: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) }),
  trim: () => Promise.reject(error),
  status: () => {
    throw error;
  },
  close: () => Promise.reject(error),
});
const notReady = new CodedError('NotReady', 'No leader was found in time', { details: { waitedMs: 7 } });
const command = new Uint8Array(1);

describe('a log that names its leader', () => {
  it('S4: says where the leader is called when it is not ready itself, and keeps what else was said', async () => {
    const log = namingLeader(failing(notReady), () => '10.0.0.1:8200');
    const expected = {
      code: 'NotReady',
      message: notReady.message,
      details: { waitedMs: 7, leader: '10.0.0.1:8200' },
    };
    await expect(log.submit(command)).rejects.toMatchObject(expected);
    await expect(log.readPoint()).rejects.toMatchObject(expected);
  });

  it('names nobody while nobody is known, and in no other error', async () => {
    await expect(namingLeader(failing(notReady), () => undefined).readPoint()).rejects.toBe(notReady);
    const unknown = new CodedError('Unknown', 'The leader was lost');
    await expect(namingLeader(failing(unknown), () => 'a:1').submit(command)).rejects.toBe(unknown);
  });
});
