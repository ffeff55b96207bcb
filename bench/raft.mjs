/**
 * Five members of a Raft cluster, each a process with its own disk, sync on: how many commands of 100 bytes a second are
 * on the disks of a majority, how many reads are linearizable, and how long writes pause when the leader is killed.
 * Beside it, if `etcd` is installed, five members of etcd under the same load. Build first: `npx tsc -b packages/raft`.
 *
 *     node bench/raft.mjs [seconds per figure, default 5]
 */
import { fork, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MEMBERS = 5;
const COMMAND_BYTES = 100;
const OUTSTANDING = [256, 64, 1];

if (process.argv[2] === 'member') await runMember(JSON.parse(process.argv[3]));
else await runBench(Number(process.argv[2] ?? 5) * 1000);

/** One member; told by messages what to measure. */
async function runMember(settings) {
  const { nodeDisk } = await import('@everopen/core');
  const { raftLog } = await import('@everopen/raft');
  const log = await raftLog({ ...settings, key: Buffer.alloc(32, 1), disk: nodeDisk })({
    snapshots: { snapshot: () => Promise.reject(new Error('No snapshots here')) },
  });
  void drain(log);
  const measure = async ({ what, outstanding, ms }) => {
    if (what === 'status')
      return process.send({ what, status: log.status(), rss: process.memoryUsage.rss() });
    const command = Buffer.alloc(COMMAND_BYTES, 'x');
    const call = what === 'write' ? () => log.submit(command) : () => log.readPoint();
    process.send({ what, ...(await load(call, outstanding, ms)) });
  };
  process.on('message', (question) => void measure(question));
  process.send({ what: 'up' });
}

/** Applies, and forgets now and then, as a replica does. */
async function drain(log) {
  let position = 0;
  let trimmed = 0;
  for await (const event of log.committed(0)) {
    if (event.kind !== 'commands') continue;
    position = event.first + event.commands.length - 1;
    if (position - trimmed > 50_000) await log.trim((trimmed = position));
  }
}

async function load(call, outstanding, ms) {
  const latencies = [];
  const end = performance.now() + ms;
  let failed = 0;
  let longestPauseMs = 0;
  let lastDone = performance.now();
  const one = async () => {
    while (performance.now() < end) {
      const began = performance.now();
      try {
        await call();
      } catch {
        failed++;
        continue;
      }
      const now = performance.now();
      latencies.push(now - began);
      longestPauseMs = Math.max(longestPauseMs, now - lastDone);
      lastDone = now;
    }
  };
  await Promise.all(Array.from({ length: outstanding }, one));
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.floor(latencies.length * share)]?.toFixed(2);
  return {
    perSecond: Math.round((latencies.length / ms) * 1000),
    p50: at(0.5),
    p99: at(0.99),
    failed,
    longestPauseMs,
  };
}

async function runBench(ms) {
  console.log(
    `${cpus().length} × ${cpus()[0].model}, Node ${process.version}, ${MEMBERS} members, ${COMMAND_BYTES} bytes, sync on`,
  );
  const ours = await measureRaft(ms);
  const etcd = await measureEtcd(ms);
  const row = (name, figures) =>
    console.log(name.padEnd(28), ...figures.map((figure) => String(figure ?? '–').padStart(12)));
  row('', ['Raft /s', 'p50 ms', 'p99 ms', 'etcd /s', 'ratio']);
  for (const [name, figure] of ours.figures) {
    const theirs = etcd?.get(name);
    row(name, [
      figure.perSecond,
      figure.p50,
      figure.p99,
      theirs,
      theirs && (figure.perSecond / theirs).toFixed(1),
    ]);
  }
  console.log(
    `writes pause ${Math.round(ours.pauseMs)} ms after kill -9 of the leader (${ours.failed} calls in doubt)`,
  );
  console.log(`memory of the leader ${Math.round(ours.rss / 2 ** 20)} MiB`);
  if (etcd === undefined) console.log('etcd is not installed: nothing to compare with');
}

async function measureRaft(ms) {
  const directory = await mkdtemp(join(tmpdir(), 'everopen-raft-bench-'));
  const ports = await freePorts(MEMBERS);
  const members = ports.map((port, i) => ({ id: i + 1, name: `m${i + 1}`, host: '127.0.0.1', port }));
  const processes = members.map(({ name }) => {
    const settings = { member: name, members, cluster: 'bench', directory: join(directory, name) };
    return fork(fileURLToPath(import.meta.url), ['member', JSON.stringify(settings)]);
  });
  try {
    await Promise.all(processes.map((one) => answer(one, 'up')));
    const leader = await leaderOf(processes);
    const figures = new Map();
    await ask(leader, { what: 'write', outstanding: 64, ms: 2000 });
    for (const outstanding of OUTSTANDING) {
      figures.set(`write, ${outstanding} outstanding`, await ask(leader, { what: 'write', outstanding, ms }));
    }
    for (const outstanding of OUTSTANDING) {
      figures.set(`read, ${outstanding} outstanding`, await ask(leader, { what: 'read', outstanding, ms }));
    }
    const { rss } = await ask(leader, { what: 'status' });
    const victim = await leaderOf(processes);
    const follower = processes.find((one) => one !== victim);
    const during = ask(follower, { what: 'write', outstanding: 16, ms: 4000 });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    victim.kill('SIGKILL');
    const { longestPauseMs: pauseMs, failed } = await during;
    return { figures, pauseMs, failed, rss };
  } finally {
    for (const one of processes) one.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  }
}

async function leaderOf(processes) {
  for (;;) {
    for (const one of processes) {
      const { status } = await ask(one, { what: 'status' });
      if (status.details.role === 'leader') return one;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function ask(one, question) {
  const answered = answer(one, question.what);
  one.send(question);
  return answered;
}

function answer(one, what) {
  return new Promise((resolve) => {
    const hear = (message) => {
      if (message.what !== what) return;
      one.off('message', hear);
      resolve(message);
    };
    one.on('message', hear);
  });
}

/** etcd over its JSON gateway would measure the gateway: its own benchmark tool is asked, if it is there too. */
async function measureEtcd(ms) {
  if (!(await canRun('etcd', ['--version'])) || !(await canRun('benchmark', ['--help']))) return undefined;
  const directory = await mkdtemp(join(tmpdir(), 'everopen-etcd-bench-'));
  const ports = await freePorts(2 * MEMBERS);
  const peer = (i) => `http://127.0.0.1:${ports[2 * i]}`;
  const client = (i) => `http://127.0.0.1:${ports[2 * i + 1]}`;
  const cluster = Array.from({ length: MEMBERS }, (_, i) => `e${i}=${peer(i)}`).join(',');
  const processes = Array.from({ length: MEMBERS }, (_, i) =>
    spawn(
      'etcd',
      Object.entries({
        name: `e${i}`,
        'data-dir': join(directory, `e${i}`),
        'initial-cluster': cluster,
        'initial-advertise-peer-urls': peer(i),
        'listen-peer-urls': peer(i),
        'advertise-client-urls': client(i),
        'listen-client-urls': client(i),
        'log-level': 'error',
      }).map(([option, value]) => `--${option}=${value}`),
      { stdio: 'ignore' },
    ),
  );
  try {
    await healthy(client(0));
    const endpoints = Array.from({ length: MEMBERS }, (_, i) => client(i)).join(',');
    const figures = new Map();
    const verbs = {
      write: ['put', '--key-size=8', `--val-size=${COMMAND_BYTES}`],
      read: ['range', 'x', '--consistency=l'],
    };
    for (const name of Object.keys(verbs)) {
      for (const outstanding of OUTSTANDING) {
        const total = `--total=${Math.round(Math.max(200, outstanding === 1 ? ms / 2 : ms * 5))}`;
        const common = [
          `--endpoints=${endpoints}`,
          '--target-leader',
          '--conns=1',
          `--clients=${outstanding}`,
        ];
        const text = await output('benchmark', common.concat(verbs[name], total));
        const [, perSecond] = /Requests\/sec:\s*([\d.]+)/.exec(text) ?? [];
        figures.set(`${name}, ${outstanding} outstanding`, Math.round(Number(perSecond)));
      }
    }
    return figures;
  } finally {
    for (const one of processes) one.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  }
}

function canRun(command, args) {
  return new Promise((resolve) => {
    const one = spawn(command, args, { stdio: 'ignore' });
    one.on('error', () => resolve(false)).on('close', (code) => resolve(code === 0));
  });
}

function output(command, args) {
  return new Promise((resolve, reject) => {
    const one = spawn(command, args);
    let text = '';
    one.stdout.on('data', (chunk) => (text += chunk));
    one.on('error', reject).on('close', () => resolve(text));
  });
}

async function healthy(url) {
  for (;;) {
    const isUp = await new Promise((resolve) => {
      const request = http.get(`${url}/health`, (response) => {
        response.resume().on('end', () => resolve(response.statusCode === 200));
      });
      request.on('error', () => resolve(false));
    });
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
    }),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
