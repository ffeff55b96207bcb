import { environmentVariableOf, flagOf } from './setting-names.ts';
import { settingType } from './setting-type.ts';
import { SETTING_NAMES, SETTINGS, type SettingName } from './settings.ts';

const INTRODUCTION = `# Configuration

Nothing needs to be configured. Everything that can be is listed here; this page is made from the schema that
also checks the values (\`apps/cli/src/configuration/settings.ts\`), by \`npm run docs:configuration\`.

## Where a value comes from

The first of these that names a setting decides:

1. a flag of \`everopen up\` or \`everopen init\`: \`--base-port 9000\`
2. an environment variable: \`EVEROPEN_BASE_PORT=9000\`
3. the file given with \`--config FILE\`: a JSON object, \`{"basePort": 9000}\`
4. what the marketplace was founded with, for the settings that are fixed then
5. \`--small\`, which stands for one of everything: one server of each kind, each database on a single replica
6. the default

A value that cannot be used is refused before anything is started, with its name and where it came from, and
so is an unknown name in the file (exit code 2). A setting that is _fixed at founding_ is written into
\`cluster.json\` in the data folder by the first \`up\` (or by \`init\`); giving another value later is refused.

## Settings

`;

const PORTS = `
## Ports

Each component listens at \`basePort\` plus an offset. A port that is taken is an error before anything is
started. With the default base port, 8080:

| ports | for |
|---|---|
| 8080 | kept for the gateway |
| 8081–8090 | seller servers |
| 8091–8100 | buyer servers |
| 8180–8199 | replicas of the customers database |
| 8200–8219 | replicas of the products database |
| 8220 | payment |
| 8221–8349 | kept for replicas among themselves |
| 8350–8369 | replicas of the products database among themselves |
| 8370–8379 | kept |

## Secrets

\`cluster.json\` holds the two keys of the marketplace, made at its founding: one that components prove their
membership with, one that signs session tokens. It belongs to its owner alone (mode 0600), and is refused if
others may read it. Keys are never on a command line, in the environment, or in a log.
`;

/** \`docs/configuration.md\`. */
export function configurationReference(): string {
  const rows = SETTING_NAMES.map((name) => {
    const { range, byDefault } = shapeOf(name);
    const text = SETTINGS.shape[name].description ?? '';
    return `| \`${name}\` | ${text} | ${range} | ${byDefault} | \`${flagOf(name)}\` | \`${environmentVariableOf(name)}\` |`;
  });
  const head = '| setting | meaning | values | default | flag | variable |\n|---|---|---|---|---|---|\n';
  return `${INTRODUCTION}${head}${rows.join('\n')}\n${PORTS}`;
}

function shapeOf(name: SettingName): { range: string; byDefault: string } {
  const schema = SETTINGS.shape[name].toJSONSchema({ io: 'input' }) as {
    minimum?: number;
    maximum?: number;
    enum?: string[];
    type?: string;
    default?: string | number | boolean;
  };
  const range =
    schema.enum?.map((value) => `\`${value}\``).join(', ') ??
    (settingType(name) === 'boolean'
      ? '`true`, `false`'
      : schema.minimum === undefined
        ? 'text'
        : `${schema.minimum}–${schema.maximum}${schema.type === 'integer' ? '' : ', with a fraction'}`);
  return { range, byDefault: schema.default === undefined ? 'none' : `\`${schema.default}\`` };
}
