/**
 * Whether a program that is not ours is on this machine. Where it is missing the tests are skipped, loudly;
 * in CI they fail, because CI installs it.
 */
export function foreignTool(name: string, probe: () => void): boolean {
  try {
    probe();
    return true;
  } catch (error) {
    if (process.env['CI'] === 'true') throw new Error(`CI must have ${name}`, { cause: error });
    process.stderr.write(`\n  SKIPPED: ${name} is not installed; these tests did not run.\n\n`);
    return false;
  }
}
