import { CodedError } from '@everopen/core';
import type { XmlElement } from '../xml/xml-element.ts';
import { SOAP_FORMS, soapVersionOf, type SoapVersion } from './soap-version.ts';

export interface Envelope {
  readonly version: SoapVersion;
  /** The one element inside the body. */
  readonly message: XmlElement;
}

/**
 * Takes the envelope off. Refused, as `InvalidArgument`: another root than a SOAP 1.1 or 1.2 envelope
 * (`details.fault` = `VersionMismatch`), a header that must be understood (`MustUnderstand`; this service
 * understands none), anything but an optional Header and one Body, and a body that does not hold exactly one
 * element.
 */
export function readEnvelope(root: XmlElement): Envelope {
  const version = root.name === 'Envelope' ? soapVersionOf(root.namespace) : undefined;
  if (version === undefined) {
    throw invalid('The document is not a SOAP 1.1 or 1.2 envelope', 'VersionMismatch');
  }
  const { namespace } = SOAP_FORMS[version];
  const parts = [...root.children];
  const named = (name: string): boolean => parts[0]?.name === name && parts[0].namespace === namespace;
  if (named('Header')) refuseMandatoryHeaders(parts.shift() as XmlElement, namespace);
  const body = named('Body') ? parts.shift() : undefined;
  if (body === undefined || parts.length > 0) {
    throw invalid('The envelope must hold one Body, after at most one Header');
  }
  const [message] = body.children;
  if (message === undefined || body.children.length > 1) {
    throw invalid('The Body must hold exactly one element');
  }
  return { version, message };
}

/** Puts an envelope around a message that is XML already. */
export function writeEnvelope(version: SoapVersion, message: string): string {
  const { namespace } = SOAP_FORMS[version];
  return `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="${namespace}"><s:Body>${message}</s:Body></s:Envelope>`;
}

function refuseMandatoryHeaders(header: XmlElement, namespace: string): void {
  const mandatory = header.children.some((block) =>
    block.attributes.some(
      (attribute) =>
        attribute.namespace === namespace &&
        attribute.name === 'mustUnderstand' &&
        ['1', 'true'].includes(attribute.value.trim()),
    ),
  );
  if (mandatory) throw invalid('A header must be understood, and is not', 'MustUnderstand');
}

function invalid(message: string, fault?: 'VersionMismatch' | 'MustUnderstand'): CodedError {
  return new CodedError('InvalidArgument', message, fault === undefined ? {} : { details: { fault } });
}
