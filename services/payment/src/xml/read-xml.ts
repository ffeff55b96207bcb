import { CodedError } from '@everopen/core';
import { unescapeXml } from './escape-xml.ts';
import type { XmlAttribute, XmlElement } from './xml-element.ts';

/** Levels of nesting. */
export const XML_DEPTH_MAX = 32;
export const XML_ELEMENTS_MAX = 2_000;
const ATTRIBUTES_MAX = 32;

const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';

// Names as XML has them, less the letters outside of ASCII: nothing that this service speaks has those.
const NAME = String.raw`[A-Za-z_][\w.-]*`;
const QUALIFIED_NAME = `(?:(${NAME}):)?(${NAME})`;
const DECLARATION =
  /^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"1\.\d"|'1\.\d')(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:"([\w.-]*)"|'([\w.-]*)'))?(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\r\n]*\?>/;
const START_TAG = new RegExp(`<${QUALIFIED_NAME}`, 'y');
const END_TAG = new RegExp(`</${QUALIFIED_NAME}[ \\t\\r\\n]*>`, 'y');
const ATTRIBUTE = new RegExp(
  `[ \\t\\r\\n]+${QUALIFIED_NAME}[ \\t\\r\\n]*=[ \\t\\r\\n]*(?:"([^"<]*)"|'([^'<]*)')`,
  'y',
);
const TAG_END = /[ \t\r\n]*(\/?)>/y;
// oxlint-disable-next-line no-control-regex -- these are the characters that XML 1.0 forbids (section 2.2)
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;

/** An element whose end tag has not come yet. */
interface OpenElement {
  readonly qualifiedName: string;
  readonly element: XmlElement & { readonly children: XmlElement[]; text: string };
  readonly scope: Scope;
}

/** The namespaces that one element declares (prefix → URI), inside those of its parent. Never copied: that would be quadratic. */
interface Scope {
  readonly declared: ReadonlyMap<string, string>;
  readonly outer: Scope | undefined;
}

const OUTERMOST: Scope = { declared: new Map([['xml', XML_NAMESPACE]]), outer: undefined };

/**
 * Reads an XML 1.0 document with namespaces, in one pass and linear time. What SOAP forbids is refused (document
 * type declarations, and with them every entity but the five built in; processing instructions: SOAP 1.1,
 * section 3), and so are more than `XML_DEPTH_MAX` levels or `XML_ELEMENTS_MAX` elements. It opens no file
 * and no connection, whatever the document says.
 *
 * Throws `InvalidArgument` saying what is wrong and at which offset; never with a piece of the document,
 * which might be of a card.
 */
export function readXml(text: string): XmlElement {
  return new XmlReader(text).read();
}

class XmlReader {
  private readonly text: string;
  private at = 0;
  private elements = 0;
  private readonly open: OpenElement[] = [];
  private root: XmlElement | undefined;

  constructor(text: string) {
    this.text = text;
  }

  read(): XmlElement {
    if (FORBIDDEN.test(this.text)) throw this.fault('contains a character that XML forbids');
    this.readDeclaration();
    while (this.at < this.text.length) {
      if (this.text.charCodeAt(this.at) === 0x3c) this.readMarkup();
      else this.readCharacters();
    }
    if (this.open.length > 0) throw this.fault('ends inside an element');
    if (this.root === undefined) throw this.fault('has no element');
    return this.root;
  }

  private readDeclaration(): void {
    const declaration = DECLARATION.exec(this.text);
    if (declaration === null) return;
    const encoding = declaration[1] ?? declaration[2] ?? 'utf-8';
    if (!/^(?:utf-8|us-ascii)$/i.test(encoding)) throw this.fault('declares an encoding other than UTF-8');
    this.at = declaration[0].length;
  }

  private readMarkup(): void {
    const { text, at } = this;
    if (text.startsWith('</', at)) this.readEndTag();
    else if (text.startsWith('<!--', at)) this.skipComment();
    else if (text.startsWith('<![CDATA[', at)) this.readCharacterSection();
    else if (text.startsWith('<!', at)) throw this.fault('contains a document type declaration');
    else if (text.startsWith('<?', at)) throw this.fault('contains a processing instruction');
    else this.readStartTag();
  }

  private readStartTag(): void {
    const tag = this.match(START_TAG) ?? this.refuse('contains a malformed tag');
    if (this.open.length >= XML_DEPTH_MAX) throw this.fault(`is nested deeper than ${XML_DEPTH_MAX} levels`);
    if (++this.elements > XML_ELEMENTS_MAX) throw this.fault(`has more than ${XML_ELEMENTS_MAX} elements`);
    const parent = this.open.at(-1);
    if (parent === undefined && this.root !== undefined) throw this.fault('has more than one root');

    const raw = this.readAttributes();
    const scope = this.declare(raw, parent?.scope ?? OUTERMOST);
    const element = {
      namespace: this.resolve(scope, tag[1] ?? ''),
      name: tag[2] as string,
      attributes: this.resolveAttributes(scope, raw),
      children: [],
      text: '',
    };
    if (parent === undefined) this.root = element;
    else parent.element.children.push(element);

    const end = this.match(TAG_END) ?? this.refuse('contains a malformed tag');
    if (end[1] === '') this.open.push({ qualifiedName: tag[0].slice(1), element, scope });
  }

  private readEndTag(): void {
    const tag = this.match(END_TAG) ?? this.refuse('contains a malformed end tag');
    const qualifiedName = tag[1] === undefined ? tag[2] : `${tag[1]}:${tag[2]}`;
    if (this.open.pop()?.qualifiedName !== qualifiedName)
      throw this.fault('has an end tag in the wrong place');
  }

  private readAttributes(): RawAttribute[] {
    const attributes: RawAttribute[] = [];
    for (let found = this.match(ATTRIBUTE); found !== null; found = this.match(ATTRIBUTE)) {
      if (attributes.length === ATTRIBUTES_MAX) throw this.fault('has an element with too many attributes');
      const value = this.unescape(found[3] ?? (found[4] as string));
      attributes.push({ prefix: found[1] ?? '', name: found[2] as string, value });
    }
    return attributes;
  }

  private declare(attributes: RawAttribute[], outer: Scope): Scope {
    const declarations = attributes.filter(isNamespaceDeclaration);
    if (declarations.length === 0) return outer;
    const declared = new Map<string, string>();
    for (const { prefix, name, value } of declarations) {
      if (prefix !== '' && value === '') throw this.fault('binds a prefix to no namespace');
      const reserved = prefix === 'xmlns' && (name === 'xml' || name === 'xmlns');
      if (reserved || value === XML_NAMESPACE) throw this.fault('binds a reserved prefix or namespace');
      declared.set(prefix === '' ? '' : name, value);
    }
    return { declared, outer };
  }

  private resolveAttributes(scope: Scope, raw: RawAttribute[]): XmlAttribute[] {
    const attributes: XmlAttribute[] = [];
    const seen = new Set<string>();
    for (const attribute of raw) {
      if (seen.has(`${attribute.prefix}:${attribute.name}`)) throw this.fault('repeats an attribute');
      seen.add(`${attribute.prefix}:${attribute.name}`);
      if (isNamespaceDeclaration(attribute)) continue;
      // An attribute without a prefix is in no namespace (Namespaces in XML, section 6.2).
      const namespace = attribute.prefix === '' ? '' : this.resolve(scope, attribute.prefix);
      attributes.push({ namespace, name: attribute.name, value: attribute.value });
    }
    return attributes;
  }

  private resolve(innermost: Scope, prefix: string): string {
    for (let scope: Scope | undefined = innermost; scope !== undefined; scope = scope.outer) {
      const namespace = scope.declared.get(prefix);
      if (namespace !== undefined) return namespace;
    }
    if (prefix !== '') throw this.fault('uses a prefix that is not bound');
    return '';
  }

  private readCharacters(): void {
    const end = this.text.indexOf('<', this.at);
    const until = end === -1 ? this.text.length : end;
    const characters = this.text.slice(this.at, until);
    if (characters.includes(']]>')) throw this.fault('contains "]]>" outside of a CDATA section');
    this.append(this.unescape(characters), this.open.at(-1));
    this.at = until;
  }

  private readCharacterSection(): void {
    const start = this.at + '<![CDATA['.length;
    const end = this.text.indexOf(']]>', start);
    if (end === -1 || this.open.length === 0) throw this.fault('has a CDATA section in the wrong place');
    this.append(this.text.slice(start, end), this.open.at(-1));
    this.at = end + ']]>'.length;
  }

  private append(characters: string, parent: OpenElement | undefined): void {
    if (parent !== undefined) parent.element.text += characters;
    else if (/[^ \t\r\n]/.test(characters)) throw this.fault('has text outside of its root');
  }

  private skipComment(): void {
    const end = this.text.indexOf('--', this.at + '<!--'.length);
    if (end === -1 || this.text[end + 2] !== '>') throw this.fault('contains a malformed comment');
    this.at = end + '-->'.length;
  }

  private unescape(escaped: string): string {
    return unescapeXml(escaped) ?? this.refuse('contains an unknown entity');
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found !== null) this.at = pattern.lastIndex;
    return found;
  }

  private refuse(problem: string): never {
    throw this.fault(problem);
  }

  private fault(problem: string): CodedError {
    return new CodedError('InvalidArgument', `The XML ${problem} (offset ${this.at})`, {
      details: { offset: this.at },
    });
  }
}

interface RawAttribute {
  readonly prefix: string;
  readonly name: string;
  readonly value: string;
}

function isNamespaceDeclaration({ prefix, name }: RawAttribute): boolean {
  return prefix === 'xmlns' || (prefix === '' && name === 'xmlns');
}
