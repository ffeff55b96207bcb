// How fast virtual time goes by. Run after `npm run build`:
//   node bench/simulation.mjs [--json] [--seconds N]
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { SimulatedClock, SimulatedDisk, SimulatedNetwork, World } from '../packages/simulation/dist/index.js';
import { openWriteAheadLog } from '../packages/wal/dist/index.js';

const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, seconds: { type: 'string', default: '2' } },
});
const budgetMs = Number(options.seconds) * 1000;

const results = {
  machine: `${cpus()[0]?.model ?? 'unknown'} × ${cpus().length}`,
  node: process.version,
  timers: await measure(timers),
  datagrams: await measure(datagrams),
  log: await measure(logWriter),
};
if (options.json) {
  console.log(JSON.stringify(results, undefined, 2));
} else {
  console.log(`${results.machine}, Node ${results.node}`);
  for (const name of ['timers', 'datagrams', 'log']) {
    const { what, eventsPerSecond, virtualSecondsPerSecond } = results[name];
    console.log(`${what}: ${eventsPerSecond} events/s, ${virtualSecondsPerSecond} virtual seconds a second`);
  }
}

async function measure(build) {
  const world = new World({ seed: 1 });
  const what = await build(world);
  const start = performance.now();
  while (performance.now() - start < budgetMs) await world.run(world.nowMs + 100);
  const seconds = (performance.now() - start) / 1000;
  return {
    what,
    eventsPerSecond: Math.round(world.eventCount / seconds),
    virtualSecondsPerSecond: Math.round((world.nowMs / 1000 / seconds) * 10) / 10,
  };
}

function timers(world) {
  for (let n = 0; n < 5; n++) {
    const clock = new SimulatedClock(world);
    const tick = () => clock.setTimer(10, tick);
    tick();
  }
  return 'five processes that tick every 10 ms';
}

async function datagrams(world) {
  const network = new SimulatedNetwork(world, { loss: 0.01, delayMs: { min: 0.1, max: 0.5 } });
  const hosts = ['a', 'b', 'c', 'd', 'e'];
  for (const [index, host] of hosts.entries()) {
    const socket = await network.host(host).bind({ host, port: 1 }, () => {});
    const send = () => {
      socket.send(Buffer.alloc(100), { host: hosts[(index + 1) % hosts.length], port: 1 });
      world.after(1, send);
    };
    send();
  }
  return 'five hosts that each send 1,000 datagrams a second';
}

function logWriter(world) {
  world.spawn(async () => {
    const disk = new SimulatedDisk({ world }).mount();
    const log = await openWriteAheadLog(disk, {
      directory: 'wal',
      segmentBytes: 65_536,
      clock: new SimulatedClock(world),
    });
    for (;;) {
      await log.whenDurable(log.append(Buffer.alloc(100)));
      if (log.durable % 1_000 === 0) await log.truncatePrefix(log.durable);
      await world.sleep(1);
    }
  });
  return 'one writer to a log, 900 records a second';
}
