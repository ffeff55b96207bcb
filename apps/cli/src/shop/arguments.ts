import { LIMITS, parseMoney } from '@everopen/contract';
import { CodedError } from '@everopen/core';
import type { Parameter } from './shop-command.ts';

/** The arguments of one command, by name, read as what they are to be. Wrong ones are named in the error. */
export class Arguments {
  private readonly values: Readonly<Record<string, string>>;

  constructor(values: Readonly<Record<string, string>>) {
    this.values = values;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.values, name);
  }

  text(name: string): string {
    const value = this.values[name];
    if (value === undefined) throw invalid(name, 'is missing');
    return value;
  }

  integer(name: string): number {
    const text = this.text(name);
    // Sixteen digits could round silently.
    if (!/^\d{1,15}$/.test(text)) throw invalid(name, `must be a whole number, got ${JSON.stringify(text)}`);
    return Number(text);
  }

  /** Minor units of the currency. */
  money(name: string, currency: string): number {
    const text = this.text(name);
    const minor = parseMoney(text, currency);
    if (minor === undefined || minor > LIMITS.priceMaxMinor) {
      throw invalid(name, `must be an amount of ${currency} such as 12.34, got ${JSON.stringify(text)}`);
    }
    return minor;
  }

  /** "12/30" or "12/2030", as on a card. */
  expiry(name: string): { expiryMonth: number; expiryYear: number } {
    const match = /^(\d{1,2})\s*\/\s*(\d{2}|\d{4})$/.exec(this.text(name).trim());
    if (match === null) throw invalid(name, 'must be month/year, such as 12/30');
    const year = Number(match[2]);
    return { expiryMonth: Number(match[1]), expiryYear: year < 100 ? 2000 + year : year };
  }

  list(name: string): string[] {
    return this.text(name)
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  }

  choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice {
    const text = this.text(name);
    const found = choices.find((choice) => choice === text);
    if (found === undefined)
      throw invalid(name, `must be one of ${choices.join(', ')}, got ${JSON.stringify(text)}`);
    return found;
  }
}

/**
 * Gives the texts of a line their parameters: `name=value` goes to that parameter, the others to those that
 * are left, in order. A text is not taken as `name=value` unless the command has a parameter of that name.
 */
export function assignArguments(
  usage: string,
  parameters: readonly Parameter[],
  texts: readonly { readonly text: string; readonly mayName: boolean }[],
): Arguments {
  const values: Record<string, string> = {};
  const positional: string[] = [];
  for (const { text, mayName } of texts) {
    const equals = text.indexOf('=');
    const name = mayName && equals > 0 ? text.slice(0, equals) : undefined;
    if (name === undefined || !parameters.some((parameter) => parameter.name === name)) {
      positional.push(text);
    } else if (Object.hasOwn(values, name)) {
      throw new CodedError('InvalidArgument', `${name} is given twice`, { details: { field: name } });
    } else values[name] = text.slice(equals + 1);
  }
  const open = parameters.filter(({ name }) => !Object.hasOwn(values, name));
  for (const [at, text] of positional.entries()) {
    const parameter = open[at];
    if (parameter === undefined) {
      throw new CodedError(
        'InvalidArgument',
        `Too many arguments at ${JSON.stringify(text)}; usage: ${usage}`,
      );
    }
    values[parameter.name] = text;
  }
  const missing = parameters.find(({ name, optional }) => optional !== true && !Object.hasOwn(values, name));
  if (missing !== undefined) throw invalid(missing.name, `is missing; usage: ${usage}`);
  return new Arguments(values);
}

function invalid(field: string, problem: string): CodedError {
  return new CodedError('InvalidArgument', `${field} ${problem}`, { details: { field } });
}
