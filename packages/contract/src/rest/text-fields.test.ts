import { describe, expect, it } from 'vitest';
import { itemNameField, sessionLabelField } from './text-fields.ts';

describe('X: names that nobody can see', () => {
  it.each(['\u200b', '\u200d\ufe0f', '\u00ad', '\u3164', '\u2800\u200b', '\u0301'])(
    '%j is refused',
    (name) => {
      const { error } = itemNameField.safeParse(name);
      expect(error?.issues[0]?.message).toBe('Must hold something that can be seen');
    },
  );

  it.each(['Lamp', '灯', '🎉', '?', 'می\u200cخواهم', 'e\u0301tui', '👩\u200d🚀'])(
    '%j is accepted',
    (name) => {
      expect(itemNameField.safeParse(name).success).toBe(true);
    },
  );

  it('an empty text is told to be empty, once', () => {
    expect(sessionLabelField.safeParse('').error?.issues.map(({ message }) => message)).toEqual([
      'Must not be empty',
    ]);
  });
});
