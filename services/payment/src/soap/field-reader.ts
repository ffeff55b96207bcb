import { CodedError } from '@everopen/core';
import type { XmlElement } from '../xml/xml-element.ts';

/** How much of an unknown name an error repeats. */
const NAME_SHOWN_CHARS = 40;

/**
 * Reads the fields of a message: each expected child exactly once, in any order, nothing else, all in the
 * message's namespace. Faults are `InvalidArgument` with `details.field`, a path such as `card.number`.
 */
export class FieldReader {
  private readonly fields = new Map<string, XmlElement>();
  private readonly path: string;

  constructor(element: XmlElement, names: readonly string[], path = '') {
    this.path = path;
    if (/[^ \t\r\n]/.test(element.text)) throw this.invalid(element.name, 'must hold elements, not text');
    for (const child of element.children) {
      if (child.namespace !== element.namespace || !names.includes(child.name)) {
        throw this.invalid(
          child.name.slice(0, NAME_SHOWN_CHARS),
          `is not known here; expected: ${names.join(', ')}`,
        );
      }
      if (this.fields.has(child.name)) throw this.invalid(child.name, 'is there twice');
      this.fields.set(child.name, child);
    }
  }

  has(name: string): boolean {
    return this.fields.has(name);
  }

  /** Another level: the element and its path. */
  nested(name: string, names: readonly string[]): FieldReader {
    return new FieldReader(this.element(name), names, `${this.path}${name}.`);
  }

  /** The text without white space at its ends. */
  text(name: string): string {
    const element = this.element(name);
    if (element.children.length > 0) throw this.invalid(name, 'must hold text, not elements');
    return element.text.trim();
  }

  /** xsd:long, as far as a JavaScript number is exact. */
  integer(name: string): number {
    const text = this.text(name);
    const value = /^[+-]?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value)) throw this.invalid(name, 'must be a whole number, in digits');
    return value;
  }

  private element(name: string): XmlElement {
    return this.fields.get(name) ?? this.refuse(name, 'is missing');
  }

  private refuse(name: string, problem: string): never {
    throw this.invalid(name, problem);
  }

  private invalid(name: string, problem: string): CodedError {
    const field = `${this.path}${name}`;
    return new CodedError('InvalidArgument', `The field ${field} ${problem}`, { details: { field } });
  }
}
