#!/usr/bin/env node
// Makes a fresh clone ready: installs dependencies and compiles, each only when something has changed.
// Runs before `npm start` and `npm test`; needs nothing but Node. Nothing to do: about 0.1 s.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const STAMP = join(root, '.setup-stamp');

throwIfNodeIsOld();
if (!isInstalled()) {
  step('installing dependencies (npm ci)', () => {
    const npm = process.env.npm_execpath;
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    run(npm ? process.execPath : 'npm', npm ? [npm, ...args] : args);
  });
}
const projects = findProjects();
if (!isCompiled(projects)) {
  const before = fingerprint(projects);
  step('compiling (tsc -b)', () =>
    run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b']),
  );
  // Of before: what was edited meanwhile is compiled the next time.
  writeFileSync(STAMP, before);
}

function throwIfNodeIsOld() {
  const { engines } = readJson('package.json');
  const [, major, minor] = /(\d+)\.(\d+)/.exec(engines.node).map(Number);
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return;
  fail(
    `Everopen needs Node ${major}.${minor} or newer, and this is ${process.version}.\n` +
      'Install a current one from https://nodejs.org, or with your version manager (nvm, fnm, mise …).',
  );
}

/** Whether node_modules holds what the lock file names. npm keeps the list of what it has installed there. */
function isInstalled() {
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return false;
  const wanted = readJson('package-lock.json').packages;
  const installed = readJson('node_modules/.package-lock.json').packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes('node_modules/')) return true;
    // Packages for other operating systems are optional, and rightly absent.
    if (entry.optional && !installed[path]) return true;
    if (entry.link && !existsSync(join(root, entry.resolved))) return true;
    const own = installed[path];
    return own !== undefined && own.version === entry.version && own.integrity === entry.integrity;
  });
}

/** The folders that are compiled: every workspace with a tsconfig.json. */
function findProjects() {
  return ['packages', 'services', 'apps'].flatMap((floor) =>
    readdirSync(join(root, floor))
      .map((name) => join(floor, name))
      .filter((folder) => existsSync(join(root, folder, 'tsconfig.json'))),
  );
}

function isCompiled(projects) {
  if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== fingerprint(projects)) return false;
  return projects.every((folder) => existsSync(join(root, folder, 'dist/.tsbuildinfo')));
}

/** Changes whenever a file that is compiled, or how it is, may have changed: paths, sizes and times. */
function fingerprint(projects) {
  const hash = createHash('sha256').update(`${process.version}\n`);
  const add = (path) => {
    const { size, mtimeMs } = statSync(join(root, path));
    hash.update(`${path}\0${size}\0${mtimeMs}\n`);
  };
  for (const path of ['package-lock.json', 'tsconfig.base.json', 'tsconfig.json']) add(path);
  for (const folder of projects) {
    for (const file of ['package.json', 'tsconfig.json']) add(join(folder, file));
    for (const file of sourcesIn(join(folder, 'src'))) add(file);
  }
  return hash.digest('hex');
}

/** Tests are not compiled. */
function sourcesIn(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return sourcesIn(path);
      return entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts') ? [path] : [];
    });
}

function step(name, work) {
  process.stdout.write(`setup: ${name} …\n`);
  const startedMs = Date.now();
  work();
  process.stdout.write(`setup: done in ${((Date.now() - startedMs) / 1000).toFixed(1)} s\n`);
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error) fail(`${command} could not be started: ${error.message}`);
  if (status !== 0) fail(`Setup stopped: "${command} ${args.join(' ')}" ended with exit code ${status}.`);
}

function readJson(path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
