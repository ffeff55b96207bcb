import type { SettingName } from './settings.ts';

/** `basePort` → `--base-port`. */
export function flagOf(name: SettingName): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `basePort` → `EVEROPEN_BASE_PORT`. */
export function environmentVariableOf(name: SettingName): string {
  return `EVEROPEN_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}
