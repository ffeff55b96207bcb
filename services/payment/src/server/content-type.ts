import { CodedError } from '@everopen/core';
import { SOAP_FORMS, type SoapVersion } from '../soap/soap-version.ts';

export interface SoapContentType {
  readonly version: SoapVersion;
  /** SOAP 1.2 has its action here. */
  readonly action: string | undefined;
}

const PARAMETER = /;[ \t]*([\w!#$%&'*+.^`|~-]+)=(?:"([^"\\]*)"|([^\s";]+))[ \t]*/y;

/**
 * The `content-type` of a SOAP request (RFC 9110, section 8.3). It must name a SOAP version and, if any, the
 * character set UTF-8: a text that two readers decode differently is how filters are deceived.
 * Anything else is `UnsupportedMediaType`.
 */
export function readContentType(header: string | undefined): SoapContentType {
  const mediaType = /^[^;\s]*[ \t]*/.exec(header ?? '')?.[0] ?? '';
  const version = versionOf(mediaType.trim().toLowerCase());
  if (header === undefined || version === undefined) {
    throw unsupported('Send text/xml (SOAP 1.1) or application/soap+xml (SOAP 1.2)');
  }
  let action: string | undefined;
  let at = mediaType.length;
  while (at < header.length) {
    PARAMETER.lastIndex = at;
    const found = PARAMETER.exec(header);
    if (found === null) throw unsupported('The content type is malformed');
    at = PARAMETER.lastIndex;
    const name = (found[1] as string).toLowerCase();
    const value = found[2] ?? (found[3] as string);
    if (name === 'charset' && !/^(?:utf-8|us-ascii)$/i.test(value)) throw unsupported('Send UTF-8');
    if (name === 'action') action = value;
  }
  return { version, action };
}

function versionOf(mediaType: string): SoapVersion | undefined {
  if (mediaType === SOAP_FORMS['1.1'].mediaType) return '1.1';
  if (mediaType === SOAP_FORMS['1.2'].mediaType) return '1.2';
  return undefined;
}

function unsupported(message: string): CodedError {
  return new CodedError('UnsupportedMediaType', message);
}
