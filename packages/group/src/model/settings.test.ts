import { expect, it } from 'vitest';
import { checkMembers } from './processor.ts';
import { checkSettings, DEFAULT_GROUP_SETTINGS } from './settings.ts';

it('takes its own defaults', () => {
  expect(() => checkSettings(DEFAULT_GROUP_SETTINGS)).not.toThrow();
});

it.each([
  { consensusMs: 50 },
  { tokenRetransmitMaxMs: 1 },
  { tokenLossMs: 100 },
  { keepaliveMs: 80 },
  { stuckMs: 100 },
  { maxMessages: 0 },
  { afterToken: 21 },
  { window: -1 },
  { beaconMs: Number.NaN },
])('refuses settings that do not fit each other, and names them: %o', (change) => {
  expect(() => checkSettings({ ...DEFAULT_GROUP_SETTINGS, ...change })).toThrow(Object.keys(change)[0]);
});

it.each([[[]], [[2, 1]], [[1, 1]], [[0, 1]], [[2, 3]], [[1, 65_536]], [[1, 1.5]]])(
  'refuses %j as the members of a group of member 1',
  (configured) => {
    expect(() => checkMembers(configured, 1)).toThrow(/Members/);
  },
);

it('takes up to 16 members', () => {
  const ids = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
  expect(() => checkMembers(ids(16), 1)).not.toThrow();
  expect(() => checkMembers(ids(17), 1)).toThrow(/Members/);
});
