import { Option } from 'commander';
import { flagOf } from './setting-names.ts';
import { settingType } from './setting-type.ts';
import { SETTING_NAMES, SETTINGS } from './settings.ts';

/** Every setting as a flag. Values stay text here: the schema judges them, wherever they come from. */
export function settingFlags(): Option[] {
  return SETTING_NAMES.flatMap((name) => {
    const flag = flagOf(name);
    const description = SETTINGS.shape[name].description ?? '';
    if (settingType(name) !== 'boolean') return [new Option(`${flag} <value>`, description)];
    return [
      new Option(flag, description).default(undefined),
      new Option(flag.replace('--', '--no-'), 'The opposite.'),
    ];
  });
}
