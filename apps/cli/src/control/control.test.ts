import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodedError } from '@everopen/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askSupervisor } from './control-client.ts';
import { type ControlServer, startControlServer } from './control-server.ts';
import { LineReader } from './line-reader.ts';

let data: string;
let server: ControlServer | undefined;
const path = (): string => join(data, 'control.sock');
beforeEach(() => (data = mkdtempSync(join(tmpdir(), 'everopen-control-'))));
afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(data, { recursive: true });
});

describe('the control socket', () => {
  it('carries questions and answers, for the owner of the data folder alone', async () => {
    server = await startControlServer(path(), async (request) => ({ heard: request.verb }));
    expect(await askSupervisor(data, { verb: 'status' })).toEqual({ heard: 'status' });
    expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  it('carries refusals with their codes', async () => {
    server = await startControlServer(path(), () =>
      Promise.reject(new CodedError('NotFound', 'no such node')),
    );
    await expect(askSupervisor(data, { verb: 'kill', node: 'x' })).rejects.toMatchObject({
      code: 'NotFound',
    });
  });

  it('nobody there: exit code 3 and how to start one', async () => {
    await expect(askSupervisor(data, { verb: 'status' })).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('everopen up') as string,
    });
  });

  it('X: a second supervisor on the same data folder is refused, and the first goes on', async () => {
    server = await startControlServer(path(), async () => 'first');
    await expect(startControlServer(path(), async () => 'second')).rejects.toMatchObject({ code: 'InUse' });
    expect(await askSupervisor(data, { verb: 'status' })).toBe('first');
  });

  it('of two supervisors that find the socket of a killed one, exactly one takes it over', async () => {
    const listenAndDie = `require('net').createServer().listen(${JSON.stringify(path())}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', listenAndDie]);
    expect(statSync(path()).isSocket()).toBe(true);
    const both = await Promise.allSettled(
      ['first', 'second'].map((name) => startControlServer(path(), async () => name)),
    );
    const won = both.filter((outcome) => outcome.status === 'fulfilled');
    expect(won).toHaveLength(1);
    server = won[0]?.value;
    expect(['first', 'second']).toContain(await askSupervisor(data, { verb: 'status' }));
  });

  it('X: what is no request is refused or cut off, and the server goes on', async () => {
    server = await startControlServer(path(), async () => 'fine');
    const answers = await raw('not json\n{"id":1,"verb":"format-disk"}\n{"id":2,"verb":"kill"}\n[]\n');
    expect(answers).toHaveLength(4);
    for (const answer of answers) expect(answer).toHaveProperty('error');
    expect(await raw(`${'x'.repeat(300_000)}\n`)).toEqual([]);
    expect(await askSupervisor(data, { verb: 'status' })).toBe('fine');
  });
});

/** Sends bytes as they are; resolves with the answers once the server is done with them. */
function raw(bytes: string): Promise<unknown[]> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(path(), () => socket.end(bytes));
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('error', () => {});
    socket.on('close', () =>
      resolve(
        text
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as unknown),
      ),
    );
  });
}

describe('lines', () => {
  it('are found however the bytes are cut, characters of several bytes included', () => {
    const bytes = Buffer.from('first\nzwölf\r\n\nrest');
    for (let cut = 0; cut <= bytes.length; cut++) {
      const reader = new LineReader(100);
      expect([...reader.push(bytes.subarray(0, cut)), ...reader.push(bytes.subarray(cut))]).toEqual([
        'first',
        'zwölf',
        '',
      ]);
    }
  });

  it('X: one without an end is refused at its limit', () => {
    const reader = new LineReader(10);
    expect(() => reader.push(Buffer.from('12345678901'))).toThrow(/longer than 10 bytes/);
  });
});
