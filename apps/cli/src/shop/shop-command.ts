import type { Style } from '../terminal/style.ts';
import type { Arguments } from './arguments.ts';

export type ParameterKind =
  | { readonly type: 'text' }
  /** Never shown. */
  | { readonly type: 'secret' }
  | { readonly type: 'integer' }
  /** A decimal amount in the currency at hand: 12.34. */
  | { readonly type: 'money' }
  /** Words with commas between them. */
  | { readonly type: 'list' }
  | { readonly type: 'choice'; readonly choices: readonly string[] };

export interface Parameter {
  readonly name: string;
  readonly kind: ParameterKind;
  /** The question of the interactive client. */
  readonly question: string;
  readonly optional?: boolean;
}

/** What a terminal client knows between commands. */
export interface ShopSession<Client> {
  readonly client: Client;
  /** Of amounts typed without one. */
  readonly currency: string;
  username: string | undefined;
}

/** One thing that a seller or a buyer can do; the same for scripts, for the menu, and for help. */
export interface ShopCommand<Session> {
  readonly name: string;
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  /** The result: JSON-safe data. Rejects with a `CodedError`. */
  run(session: Session, args: Arguments): Promise<unknown>;
  /** The result for people, line by line; texts of strangers are neutralised. */
  render(result: never, style: Style): string[];
}

/** Keeps a command's own types for its result, and hides them from those who only call it. */
export function shopCommand<Session, Result>(command: {
  readonly name: string;
  readonly summary: string;
  readonly parameters?: readonly Parameter[];
  readonly run: (session: Session, args: Arguments) => Promise<Result>;
  readonly render: (result: Result, style: Style) => string[];
}): ShopCommand<Session> {
  return { parameters: [], ...command } as ShopCommand<Session>;
}

/** "sell name category price quantity [condition] [keywords] [currency]" */
export function usageOf(command: Pick<ShopCommand<never>, 'name' | 'parameters'>): string {
  const parameters = command.parameters.map(({ name, optional }) => (optional === true ? `[${name}]` : name));
  return [command.name, ...parameters].join(' ');
}
