import { ByteWriter, CodedError, seededRandom } from '@everopen/core';
import { expect, it } from 'vitest';
import { Requests, writeAnswer } from './requests.ts';

const LEADER = 2;

function answerTo(request: number): Uint8Array {
  const writer = new ByteWriter();
  writeAnswer(writer, request, 7);
  return writer.finish();
}

it('takes no answer that was meant for the process before a restart', async () => {
  const before = new Requests(seededRandom(1));
  const old = before.open(
    LEADER,
    () => {},
    () => {},
  );
  const after = new Requests(seededRandom(2));
  const answered: number[] = [];
  const mine = after.open(
    LEADER,
    (position) => answered.push(position),
    () => {},
  );
  after.answered(answerTo(old));
  expect(answered).toEqual([]);
  after.answered(answerTo(mine));
  expect(answered).toEqual([7]);
});

it('keeps nothing of a request that was given up', () => {
  const requests = new Requests(seededRandom(1));
  const outcomes: unknown[] = [];
  const number = requests.open(
    LEADER,
    (position) => outcomes.push(position),
    (error) => outcomes.push(error),
  );
  requests.giveUp(number);
  requests.lost(LEADER);
  requests.answered(answerTo(number));
  expect(outcomes).toEqual([]);
});

it('tells those who wait for a member that was lost, and nobody else', () => {
  const requests = new Requests(seededRandom(1));
  const errors: CodedError[] = [];
  requests.open(
    LEADER,
    () => {},
    (error) => errors.push(error),
  );
  requests.open(
    LEADER + 1,
    () => {},
    (error) => errors.push(error),
  );
  requests.lost(LEADER);
  expect(errors.map(({ code }) => code)).toEqual(['Unknown']);
});
