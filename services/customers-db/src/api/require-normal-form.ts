import { invalidArgument } from '../validation/invalid-argument.ts';

/**
 * Names that look alike must be alike: text is in Unicode's normalization form C. Checked here and not in
 * the state machine, because the answer depends on the version of Unicode that Node was built with.
 */
export function requireNormalForm(field: string, value: string): void {
  if (value.normalize('NFC') !== value) throw invalidArgument(field, 'must be in normalization form C');
}
