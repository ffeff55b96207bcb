import { SETTINGS, type SettingName } from './settings.ts';

export type SettingType = 'string' | 'number' | 'boolean' | 'enum';

/** What kind of value a setting has, so that the text of a flag or variable can be read as one. */
export function settingType(name: SettingName): SettingType {
  let schema: unknown = SETTINGS.shape[name];
  while (typeof (schema as { unwrap?: unknown }).unwrap === 'function') {
    schema = (schema as { unwrap(): unknown }).unwrap();
  }
  return (schema as { type: SettingType }).type;
}
