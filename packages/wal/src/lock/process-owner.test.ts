import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { processOwner } from './process-owner.ts';

it('a process is alive under its own name, and under no other', () => {
  const { name } = processOwner;
  expect(processOwner.isAlive(name)).toBe(true);
  expect(processOwner.isAlive(`${name}0`)).toBe(false);
  expect(processOwner.isAlive(`another-boot-${name.split('-').slice(-2).join('-')}`)).toBe(false);
  expect(processOwner.isAlive('not a name')).toBe(false);
});

it('a process that has ended is dead', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const start = processOwner.name.split('-').at(-1) as string;
  const name = processOwner.name.replace(`-${process.pid}-${start}`, `-${child.pid}-unknown`);
  expect(processOwner.isAlive(name)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(processOwner.isAlive(name)).toBe(false);
});
