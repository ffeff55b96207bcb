import { EXIT, type ExitCode } from '../failure.ts';
import type { Style } from '../terminal/style.ts';
import { runScriptLine, type ScriptOutcome } from './run-script.ts';
import { parseScriptLine } from './script-line.ts';
import type { ShopCommand } from './shop-command.ts';

export interface ScriptedClients<Session> {
  readonly sessions: readonly Session[];
  readonly commands: readonly ShopCommand<Session>[];
  readonly lines: AsyncIterable<string>;
  readonly json: boolean;
  readonly style: Style;
  readonly print: (line: string) => void;
  readonly printError: (line: string) => void;
}

/**
 * Runs one script with every client at once, each for itself: `${n}` is the client's number, from 1. A client
 * whose line fails stops there; the others go on. The exit code is 1 if one has failed.
 */
export async function runScripts<Session>(options: ScriptedClients<Session>): Promise<ExitCode> {
  const { sessions } = options;
  const only = sessions.length === 1 ? sessions[0] : undefined;
  if (only !== undefined)
    return (await runScript(options, only, 1, options.lines)) ? EXIT.fine : EXIT.refused;

  const lines: string[] = [];
  for await (const line of options.lines) lines.push(line);
  // Read as a whole first: a slip of the pen in line 90 should not come to light a hundredfold.
  for (const [at, line] of lines.entries()) parseScriptLine(line, at + 1);
  const finished = await Promise.all(
    sessions.map((session, at) => runScript(options, session, at + 1, lines)),
  );
  const failed = finished.filter((fine) => !fine).length;
  if (!options.json) {
    options.print(`${sessions.length} clients: ${sessions.length - failed} finished, ${failed} failed`);
  }
  return failed === 0 ? EXIT.fine : EXIT.refused;
}

async function runScript<Session>(
  options: ScriptedClients<Session>,
  session: Session,
  n: number,
  lines: AsyncIterable<string> | Iterable<string>,
): Promise<boolean> {
  const { commands, style, json, print, printError, sessions } = options;
  const prefix = sessions.length === 1 ? '' : `[${n}] `;
  const report = (outcome: ScriptOutcome, texts: readonly string[]): void => {
    if (json) print(JSON.stringify(sessions.length === 1 ? outcome : { client: n, ...outcome }));
    else if (outcome.ok) for (const text of texts) print(prefix + text);
    if (outcome.ok) return;
    const { code, message } = outcome.error as { code: string; message: string };
    printError(`${prefix}line ${outcome.line}: ${outcome.command}: ${style.red(code)}: ${message}`);
  };
  const run = { session, commands, variables: { n } as Record<string, unknown>, style, report };
  let number = 0;
  for await (const text of lines) {
    number++;
    const line = parseScriptLine(text, number);
    if (line !== undefined && !(await runScriptLine(run, line))) return false;
  }
  return true;
}
