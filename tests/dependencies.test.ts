import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

interface Manifest {
  readonly license?: string;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

function manifest(path: string): Manifest {
  return JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')) as Manifest;
}

const houses = ['packages', 'services', 'apps'].flatMap((floor) =>
  readdirSync(join(root, floor))
    .map((name) => `${floor}/${name}`)
    .filter((path) => existsSync(join(root, path, 'package.json'))),
);
const foreign = (names: Record<string, string> | undefined): string[] =>
  Object.keys(names ?? {}).filter((name) => !name.startsWith('@everopen/'));
const page = readFileSync(join(root, 'docs/dependencies.md'), 'utf8');

describe('docs/dependencies.md', () => {
  const atRunTime = new Set(houses.flatMap((path) => foreign(manifest(path).dependencies)));
  const forDevelopment = new Set(
    ['.', ...houses]
      .flatMap((path) => foreign(manifest(path).devDependencies))
      .filter((n) => !atRunTime.has(n)),
  );

  it('names each dependency, and nothing else', () => {
    const named = [...page.matchAll(/`((?:@[a-z-]+\/)?[a-z][a-z0-9-]*)`(?=[ ,|])/g)].map((match) => match[1]);
    expect(new Set(named)).toEqual(new Set([...atRunTime, ...forDevelopment]));
  });

  it('gives the licence that each package has', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    for (const name of atRunTime) {
      const row = rows.find((line) => line.split('|')[1]?.trim() === `\`${name}\``);
      expect(row?.split('|')[2]?.trim(), name).toBe(
        manifest(`node_modules/${name}`).license?.replace(/^\((.*)\)$/, '$1'),
      );
    }
  });
});
