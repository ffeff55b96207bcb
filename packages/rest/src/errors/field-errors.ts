import type { core } from 'zod';

/** One field of a request and what is wrong with it. Values are never repeated: they may be secret. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** At most this many are told: a request with thousands of faults needs no list of them. */
export const FIELD_ERRORS_MAX = 20;

/** A schema's complaints, one a field, named as a client would write it: `lines[2].quantity`. */
export function fieldErrors(issues: readonly core.$ZodIssue[], part: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const issue of issues) {
    if (errors.length >= FIELD_ERRORS_MAX) break;
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys.slice(0, FIELD_ERRORS_MAX - errors.length)) {
        errors.push({ field: fieldName([...issue.path, key], part), message: 'Is not known here' });
      }
    } else if (issue.code === 'invalid_union') {
      const branch = issue.errors.find((inner) => inner.length > 0)?.[0];
      errors.push({
        field: fieldName([...issue.path, ...(branch?.path ?? [])], part),
        message: branch?.message ?? issue.message,
      });
    } else {
      errors.push({ field: fieldName(issue.path, part), message: issue.message });
    }
  }
  return errors;
}

const NAME_MAX_CHARS = 80;

function fieldName(path: readonly PropertyKey[], part: string): string {
  let name = '';
  for (const step of path) {
    if (typeof step === 'number') name += `[${step}]`;
    else name += name === '' ? String(step) : `.${String(step)}`;
  }
  return name === '' ? part : name.slice(0, NAME_MAX_CHARS);
}
