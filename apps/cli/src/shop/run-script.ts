import { CodedError, isCodedError } from '@everopen/core';
import { neutralise } from '../terminal/neutralise.ts';
import type { Style } from '../terminal/style.ts';
import { assignArguments } from './arguments.ts';
import type { ScriptLine } from './script-line.ts';
import { type ShopCommand, usageOf } from './shop-command.ts';
import { substitute } from './variables.ts';

const SLEEP_MS_MAX = 3_600_000;

/** One line of a script that has been run. */
export interface ScriptOutcome {
  readonly line: number;
  readonly command: string;
  readonly ok: boolean;
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly message: string; readonly details: unknown };
}

export interface ScriptRun<Session> {
  readonly session: Session;
  readonly commands: readonly ShopCommand<Session>[];
  /** Values of `${n}` and the like; results are added as the script runs. */
  readonly variables: Record<string, unknown>;
  readonly style: Style;
  /** `lines`: the result for people. */
  readonly report: (outcome: ScriptOutcome, lines: readonly string[]) => void;
}

/** Runs one line. Resolves with false when it did not do what it had to, and the script must stop. */
export async function runScriptLine<Session>(run: ScriptRun<Session>, line: ScriptLine): Promise<boolean> {
  const { demand } = line;
  try {
    const { result, lines } = await execute(run, line);
    run.variables['last'] = result;
    if (line.keepAs !== undefined) run.variables[line.keepAs] = result;
    if (demand.type === 'expect') {
      const problem = `was to be refused with ${demand.code}, but was done`;
      run.report(
        outcomeOf(line, false, { error: { code: 'Unexpected', message: problem, details: {} } }),
        [],
      );
      return false;
    }
    run.report(outcomeOf(line, true, { result }), lines);
    return true;
  } catch (error) {
    if (!isCodedError(error)) throw error;
    const met = demand.type === 'try' || (demand.type === 'expect' && demand.code === error.code);
    const described = { code: error.code, message: error.message, details: error.details };
    run.variables['last'] = described;
    run.report(outcomeOf(line, met, { error: described }), [
      `${run.style.yellow(error.code)} ${neutralise(error.message)}`,
    ]);
    return met;
  }
}

function outcomeOf(line: ScriptLine, ok: boolean, what: Partial<ScriptOutcome>): ScriptOutcome {
  return { line: line.number, command: line.command, ok, ...what };
}

async function execute<Session>(
  run: ScriptRun<Session>,
  line: ScriptLine,
): Promise<{ result: unknown; lines: readonly string[] }> {
  const texts = line.args.map((word) => ({
    text: substitute(word, run.variables),
    mayName: word[0]?.type === 'text' && !word[0].quoted,
  }));
  if (line.command === 'echo') {
    const said = texts.map(({ text }) => text).join(' ');
    return { result: said, lines: [neutralise(said)] };
  }
  if (line.command === 'sleep') return { result: await sleep(texts[0]?.text), lines: [] };
  const command = run.commands.find(({ name }) => name === line.command);
  if (command === undefined) {
    const names = run.commands.map(({ name }) => name).join(', ');
    throw new CodedError(
      'InvalidArgument',
      `There is no command ${line.command}; there are ${names}, echo, sleep`,
    );
  }
  const args = assignArguments(usageOf(command), command.parameters, texts);
  const result = await command.run(run.session, args);
  return { result, lines: command.render(result as never, run.style) };
}

async function sleep(text: string | undefined): Promise<number> {
  const ms = Number(text);
  if (text === undefined || !/^\d+$/.test(text) || ms > SLEEP_MS_MAX) {
    throw new CodedError('InvalidArgument', `sleep needs milliseconds, up to ${SLEEP_MS_MAX}`);
  }
  await new Promise((resolve) => setTimeout(resolve, ms));
  return ms;
}
