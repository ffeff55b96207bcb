/**
 * Control characters (terminal escapes start with one), line separators, and the marks that reorder text.
 * None may reach a terminal from a name that a stranger chose.
 */
const HARMFUL = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\p{Cs}]/gu;

/** Text that is safe to print: each harmful character becomes its visible code, such as `\x1b`. */
export function neutralise(text: string): string {
  return text.replace(HARMFUL, (character) => {
    const code = character.codePointAt(0) as number;
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
