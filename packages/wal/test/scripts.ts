import { open, type Script } from './crash-points.ts';

/** Appends a few records of random sizes in one turn; resolves when they are durable. */
const appendSome: Script = async ({ log, model, random }) => {
  let last = 0;
  for (let n = 1 + random.below(5); n > 0; n--)
    last = model.append(10 + random.below(random.chance(0.2) ? 900 : 120));
  await log.whenDurable(last);
};

/** Everything that a user of the log can do, in an order drawn from the seed. */
export const everything =
  (steps: number): Script =>
  async (run) => {
    const { world, model, random } = run;
    for (let step = 0; step < steps; step++) {
      const { log } = run;
      const dice = random.below(20);
      if (dice < 11) {
        await appendSome(run);
      } else if (dice < 13) {
        // Taken while the batch before is on its way, and never awaited.
        const before = appendSome(run);
        model.append(50);
        await before;
      } else if (dice < 15) {
        await world.sleep(60);
      } else if (dice < 17) {
        await model.truncatePrefix(random.below(log.durable + 1));
      } else if (dice < 19) {
        model.append(30);
        const after = Math.max(log.first - 1, log.appended - random.below(6));
        const truncated = model.truncateSuffix(after);
        model.append(40);
        await truncated;
      } else {
        await log.close();
        run.log = await open(run);
      }
    }
    await run.log.close();
  };
