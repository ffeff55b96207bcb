import { expect, it } from 'vitest';
import { Trace } from './trace.ts';

it('the hash covers every line, the kept lines are the last ones, and the story reads like one', () => {
  let now = 0;
  const trace = new Trace(() => now, 3);
  const longer = new Trace(() => now, 100);
  for (now = 0; now < 10; now++) {
    for (const each of [trace, longer]) each.note(now % 2 ? 'b' : 'alice', `step ${now}`);
  }
  expect(trace.hash()).toBe(longer.hash());
  expect(trace.lines().map(({ what }) => what)).toEqual(['step 7', 'step 8', 'step 9']);
  expect(trace.story(2)).toBe(
    ['(8 lines before)', '    0.008000 s  alice  step 8', '    0.009000 s  b      step 9'].join('\n'),
  );
  const before = longer.hash();
  longer.note('b', 'one more');
  expect(longer.hash()).not.toBe(before);
});
