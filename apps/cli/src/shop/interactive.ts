import * as prompts from '@clack/prompts';
import { isCodedError } from '@everopen/core';
import { neutralise } from '../terminal/neutralise.ts';
import type { Style } from '../terminal/style.ts';
import { Arguments } from './arguments.ts';
import type { Parameter, ShopCommand, ShopSession } from './shop-command.ts';

const ANOTHER_CLIENT = 'another client';
const QUIT = 'quit';
const MENU_ROWS = 12;

/**
 * A menu of everything that the role can do, until the user leaves it. With several clients, each with its
 * own login and cart, the menu also goes from one to the next.
 */
export async function runInteractively<Session extends ShopSession<unknown>>(options: {
  readonly role: string;
  readonly sessions: readonly Session[];
  readonly commands: readonly ShopCommand<Session>[];
  readonly style: Style;
}): Promise<void> {
  const { role, sessions, commands, style } = options;
  let current = 0;
  prompts.intro(style.bold(`Everopen ${role}`));
  for (;;) {
    const session = sessions[current] as Session;
    const number = sessions.length === 1 ? '' : ` · client ${current + 1} of ${sessions.length}`;
    const chosen = await prompts.select({
      message: `${session.username === undefined ? 'not logged in' : neutralise(session.username)}${number}`,
      maxItems: MENU_ROWS,
      options: [
        ...commands.map(({ name, summary }) => ({ value: name, label: name, hint: summary })),
        ...(sessions.length === 1 ? [] : [{ value: ANOTHER_CLIENT, label: ANOTHER_CLIENT }]),
        { value: QUIT, label: QUIT },
      ],
    });
    if (prompts.isCancel(chosen) || chosen === QUIT) break;
    if (chosen === ANOTHER_CLIENT) current = (current + 1) % sessions.length;
    else await runOne(session, commands.find(({ name }) => name === chosen) as ShopCommand<Session>, style);
  }
  prompts.outro('Good-bye.');
}

async function runOne<Session>(session: Session, command: ShopCommand<Session>, style: Style): Promise<void> {
  const values: Record<string, string> = {};
  for (const parameter of command.parameters) {
    const value = await ask(parameter);
    if (value === undefined) return; // Changed their mind: back to the menu.
    if (value !== '') values[parameter.name] = value;
  }
  try {
    const result = await command.run(session, new Arguments(values));
    prompts.log.message(command.render(result as never, style).join('\n'));
  } catch (error) {
    if (!isCodedError(error)) throw error;
    prompts.log.error(`${neutralise(error.message)} (${error.code})`);
  }
}

/** The answer, "" for an optional one that was left out, undefined when cancelled. */
async function ask({ question, kind, optional }: Parameter): Promise<string | undefined> {
  const message = optional === true ? `${question} (may be left out)` : question;
  const validate = (value: string | undefined): string | undefined =>
    optional === true || (value ?? '') !== '' ? undefined : 'Please type something; Escape goes back.';
  const answer =
    kind.type === 'choice'
      ? await prompts.select({
          message,
          options: [
            ...(optional === true ? [{ value: '', label: '(leave out)' }] : []),
            ...kind.choices.map((value) => ({ value, label: value })),
          ],
        })
      : kind.type === 'secret'
        ? await prompts.password({ message, validate })
        : await prompts.text({ message, validate });
  return prompts.isCancel(answer) ? undefined : (answer ?? '');
}
