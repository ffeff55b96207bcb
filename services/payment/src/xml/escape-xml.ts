const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // A bare carriage return would be read back as a line feed.
  '\r': '&#13;',
};
const BUILT_IN: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);
const REFERENCE = /&(?:#(\d{1,7})|#x([\dA-Fa-f]{1,6})|(\w+));|&/g;
// oxlint-disable-next-line no-control-regex -- these are the characters that XML 1.0 forbids (section 2.2)
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

/** Character data or an attribute's value, escaped. Characters that XML cannot hold become U+FFFD. */
export function escapeXml(text: string): string {
  return text.replaceAll(FORBIDDEN, '\ufffd').replaceAll(/[&<>"'\r]/g, (char) => ESCAPES[char] as string);
}

/** The reverse, for the five built-in entities and character references; undefined if there is any other. */
export function unescapeXml(escaped: string): string | undefined {
  if (!escaped.includes('&')) return escaped;
  let known = true;
  const text = escaped.replaceAll(REFERENCE, (_whole, decimal?: string, hex?: string, name?: string) => {
    const char =
      name === undefined
        ? characterOf(Number.parseInt(decimal ?? hex ?? '', hex ? 16 : 10))
        : BUILT_IN.get(name);
    known &&= char !== undefined;
    return char ?? '';
  });
  return known ? text : undefined;
}

/** The `Char` production of XML 1.0, section 2.2. */
function characterOf(codePoint: number): string | undefined {
  const allowed =
    codePoint === 0x9 ||
    codePoint === 0xa ||
    codePoint === 0xd ||
    (codePoint >= 0x20 && codePoint <= 0xd7ff) ||
    (codePoint >= 0xe000 && codePoint <= 0xfffd) ||
    (codePoint >= 0x10000 && codePoint <= 0x10ffff);
  return allowed ? String.fromCodePoint(codePoint) : undefined;
}
