import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { CommandFailure, EXIT } from '../failure.ts';
import { environmentVariableOf, flagOf } from './setting-names.ts';
import { settingType } from './setting-type.ts';
import {
  FOUNDING_SETTINGS,
  SETTING_NAMES,
  SETTINGS,
  SMALL,
  type SettingName,
  type Settings,
} from './settings.ts';

/** A configuration file larger than this is none of ours. */
export const CONFIG_FILE_BYTES_MAX = 64 * 1024;

/** As many replicas as an engine can have. */
const REPLICAS_MAX = { solo: 1, raft: 9 } as const;

export interface SettingSources {
  /** Flags as typed, by setting; absent or undefined: not given. */
  readonly flags?: Readonly<Partial<Record<SettingName, string | boolean | undefined>>>;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Path of a JSON file whose keys are setting names. */
  readonly configFile?: string | undefined;
  /** `--small`. */
  readonly small?: boolean | undefined;
  /** What the marketplace was founded with. */
  readonly founded?: Readonly<Pick<Settings, (typeof FOUNDING_SETTINGS)[number]>> | undefined;
}

interface Given {
  readonly value: unknown;
  /** Said in error messages: "from EVEROPEN_BASE_PORT". */
  readonly from: string;
}

/**
 * One value for each setting. A flag wins over the environment, that over the configuration file, that over
 * what the marketplace was founded with, that over `--small`, that over the default. Everything wrong is
 * named at once, with the place it came from (exit code 2); so is an attempt to change what was fixed at
 * the founding.
 */
export function loadSettings(sources: SettingSources): Settings {
  const given = new Map<string, Given>();
  const put = (name: string, value: unknown, from: string): void => void given.set(name, { value, from });

  if (sources.small === true) for (const [name, value] of Object.entries(SMALL)) put(name, value, '--small');
  for (const name of FOUNDING_SETTINGS) {
    if (sources.founded !== undefined) put(name, sources.founded[name], 'its founding');
  }
  if (sources.configFile !== undefined) {
    const file = readConfigFile(sources.configFile);
    for (const [name, value] of Object.entries(file)) put(name, value, sources.configFile);
  }
  for (const name of SETTING_NAMES) {
    const variable = environmentVariableOf(name);
    const text = sources.environment?.[variable];
    if (text !== undefined && text !== '') put(name, fromText(name, text), variable);
    const flag = sources.flags?.[name];
    if (flag !== undefined) put(name, typeof flag === 'string' ? fromText(name, flag) : flag, flagOf(name));
  }

  if (given.get('productsEngine')?.value === 'solo' && !given.has('productsDbReplicas')) {
    put('productsDbReplicas', 1, 'the engine solo');
  }
  const values = Object.fromEntries([...given].map(([name, { value }]) => [name, value]));
  const result = SETTINGS.safeParse(values, { reportInput: true });
  if (!result.success) throw refusal(result.error.issues.map((issue) => describe(issue, given)));
  const settings = result.data;
  throwUnlessConsistent(settings, sources, given);
  return settings;
}

function throwUnlessConsistent(
  settings: Settings,
  { founded }: SettingSources,
  given: ReadonlyMap<string, Given>,
): void {
  const problems: string[] = [];
  const from = (name: SettingName): string => given.get(name)?.from ?? 'the default';
  if (founded !== undefined) {
    for (const name of FOUNDING_SETTINGS) {
      if (settings[name] === founded[name]) continue;
      problems.push(
        `${name} (from ${from(name)}): this marketplace was founded with ${founded[name]}, and that cannot change`,
      );
    }
  }
  if (settings.restartDelayMaxMs < settings.restartDelayMinMs) {
    problems.push(
      `restartDelayMaxMs (from ${from('restartDelayMaxMs')}): must not be less than restartDelayMinMs, ${settings.restartDelayMinMs}`,
    );
  }
  const engines = [
    ['customersDbReplicas', settings.customersEngine],
    ['productsDbReplicas', settings.productsEngine],
  ] as const;
  for (const [name, engine] of engines) {
    const limit = REPLICAS_MAX[engine];
    if (settings[name] <= limit) continue;
    problems.push(
      `${name} (from ${from(name)}): must be ${limit === 1 ? '1' : `at most ${limit}`} with the engine ${engine}`,
    );
  }
  if (problems.length > 0) throw refusal(problems);
}

function refusal(problems: readonly string[]): CommandFailure {
  const list = problems.map((problem) => `  ${problem}`).join('\n');
  return new CommandFailure(EXIT.usage, `The configuration cannot be used:\n${list}`);
}

function describe(issue: z.core.$ZodIssue, given: ReadonlyMap<string, Given>): string {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys
      .map((key) => `${JSON.stringify(key)} (from ${given.get(key)?.from}): there is no such setting`)
      .join('\n  ');
  }
  const name = String(issue.path[0]);
  const source = given.get(name);
  return `${name} (from ${source?.from}): ${expectation(issue)}, got ${shown(source?.value)}`;
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${issue.expected === 'int' ? 'a whole number' : `a ${issue.expected}`}`;
    case 'too_small':
      return `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    default:
      return issue.message;
  }
}

const SHOWN_CHARS_MAX = 60;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX)}…` : text;
}

/** Flags and variables are text; what does not look like the setting's type stays text, and is refused. */
function fromText(name: SettingName, text: string): unknown {
  const type = settingType(name);
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (type === 'number') return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  return text;
}

function readConfigFile(path: string): Record<string, unknown> {
  let text: string;
  try {
    if (statSync(path).size > CONFIG_FILE_BYTES_MAX) {
      throw new CommandFailure(EXIT.usage, `${path} is larger than a configuration file can be (64 KiB)`);
    }
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof CommandFailure) throw cause;
    throw new CommandFailure(EXIT.usage, `Cannot read the configuration file: ${(cause as Error).message}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CommandFailure(EXIT.usage, `${path} is not JSON: ${(cause as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CommandFailure(EXIT.usage, `${path} must hold one JSON object, such as {"basePort": 9000}`);
  }
  return value as Record<string, unknown>;
}
