import { describe, expect, it } from 'vitest';
import { humanLogLine } from '../logs/human-log.ts';
import { neutralise } from './neutralise.ts';
import { formatBytes, formatDuration } from './quantities.ts';
import { RedrawnBlock } from './redrawn-block.ts';
import { PLAIN, styleFor } from './style.ts';
import { renderTable } from './table.ts';

describe('names from the shop', () => {
  it.each([
    ['\u001b[2Jgone', '\\x1b[2Jgone'],
    ['bell\u0007', 'bell\\x07'],
    ['two\nlines\r', 'two\\x0alines\\x0d'],
    ['\u009b31mred', '\\x9b31mred'],
    ['\u202etxt.exe', '\\u202etxt.exe'],
    ['sep\u2028', 'sep\\u2028'],
    ['half \ud800', 'half \\ud800'],
  ])('X: %j cannot command a terminal', (hostile, shown) => expect(neutralise(hostile)).toBe(shown));

  it('are otherwise shown as they are', () => {
    expect(neutralise('Zoë’s 漆器 🏮 "café"')).toBe('Zoë’s 漆器 🏮 "café"');
  });
});

describe('a table', () => {
  it('is aligned, wide characters included, and has no space at line ends', () => {
    const lines = renderTable(
      [{ title: 'NAME' }, { title: 'LEFT', align: 'right' }, { title: 'NOTE' }],
      [
        ['lamp', '5', ''],
        ['漆器', '1200', 'new'],
      ],
    );
    expect(lines).toEqual(['NAME  LEFT  NOTE', 'lamp     5', '漆器  1200  new']);
  });

  it('colours what it has measured', () => {
    const [, line] = renderTable([{ title: 'A' }, { title: 'B' }], [['x', 'y']], {
      cell: (text) => `<${text}>`,
    });
    expect(line).toBe('<x>  <y>');
  });
});

describe('a block that is redrawn', () => {
  it('erases exactly what it has drawn', () => {
    let written = '';
    const block = new RedrawnBlock((text) => (written += text));
    block.draw(['a', 'b']);
    block.draw(['c']);
    block.printAbove('note');
    block.draw(['d']);
    const esc = String.fromCharCode(27);
    expect(written).toBe(`a\nb\n${esc}[2A\r${esc}[Jc\n${esc}[1A\r${esc}[Jnote\nd\n`);
  });
});

describe('colours', () => {
  it('appear on a terminal only, and not where NO_COLOR is set', () => {
    expect(styleFor({ isTTY: true }, {}).red('x')).not.toBe('x');
    expect(styleFor({ isTTY: true }, { NO_COLOR: '1' })).toBe(PLAIN);
    expect(styleFor({ isTTY: true }, { TERM: 'dumb' })).toBe(PLAIN);
    expect(styleFor({}, {})).toBe(PLAIN);
  });
});

describe('quantities', () => {
  it('are said in few digits', () => {
    expect([999, 87e6, 1.24e9].map(formatBytes)).toEqual(['1 kB', '87 MB', '1.2 GB']);
    expect([340, 1_234, 12_345, 185_000, 9e6, 4e8].map(formatDuration)).toEqual([
      '340 ms',
      '1.2 s',
      '12 s',
      '3 min',
      '2.5 h',
      '4 d',
    ]);
  });
});

describe('a log for people', () => {
  it('shows time, level, sentence and facts of a JSON line', () => {
    const line = '{"level":40,"time":1700000000123,"node":"payment","port":8220,"msg":"Slow disk"}';
    expect(humanLogLine(line, PLAIN)).toBe('22:13:20.123 warn  Slow disk port=8220');
  });

  it.each(['plain text', '{"no":"message"}', '[]', 'null', '{broken'])(
    'shows anything else as it is: %s',
    (line) => {
      expect(humanLogLine(line, PLAIN)).toBe(line);
    },
  );

  it('X: a logged name cannot command the terminal', () => {
    const line = JSON.stringify({ level: 30, time: 0, msg: 'hello \u001b[31m', name: '\u001b]0;x\u0007' });
    expect(humanLogLine(line, PLAIN)).not.toContain('\u001b');
  });
});
