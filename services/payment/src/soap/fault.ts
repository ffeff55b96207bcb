import { errorForm } from '@everopen/contract';
import type { CodedError } from '@everopen/core';
import { escapeXml } from '../xml/escape-xml.ts';
import type { XmlElement } from '../xml/xml-element.ts';
import { FieldReader } from './field-reader.ts';
import { NAMESPACE } from './messages.ts';
import { SOAP_FORMS, soapVersionOf, type SoapVersion } from './soap-version.ts';

/** What the detail of our faults says: a row of the error table, and the field at fault if it is one. */
export interface FaultDetail {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly field: string | undefined;
}

/** An error as a SOAP fault; its code decides whose fault it is. */
export function writeFault(version: SoapVersion, error: CodedError): string {
  const form = errorForm(error.code);
  const soap = SOAP_FORMS[version];
  const special = error.details['fault'];
  const whose = form.soap === 'Client' ? soap.clientFault : soap.serverFault;
  const faultCode = `s:${special === 'VersionMismatch' || special === 'MustUnderstand' ? special : whose}`;
  const message = escapeXml(error.message);
  const field = typeof error.details['field'] === 'string' ? error.details['field'] : undefined;
  const detail =
    `<PaymentFault xmlns="${NAMESPACE}"><code>${escapeXml(error.code)}</code><message>${message}</message>` +
    `<remedy>${escapeXml(form.remedy)}</remedy>` +
    `${field === undefined ? '' : `<field>${escapeXml(field)}</field>`}</PaymentFault>`;
  return version === '1.1'
    ? `<s:Fault><faultcode>${faultCode}</faultcode><faultstring>${message}</faultstring><detail>${detail}</detail></s:Fault>`
    : `<s:Fault><s:Code><s:Value>${faultCode}</s:Value></s:Code><s:Reason><s:Text xml:lang="en">${message}</s:Text></s:Reason><s:Detail>${detail}</s:Detail></s:Fault>`;
}

/** The detail of a fault; undefined if the message is no fault, or a fault of another kind of service. */
export function readFault(message: XmlElement): FaultDetail | undefined {
  if (message.name !== 'Fault' || soapVersionOf(message.namespace) === undefined) return undefined;
  const detail = message.children
    .find((child) => child.name.toLowerCase() === 'detail')
    ?.children.find((child) => child.name === 'PaymentFault' && child.namespace === NAMESPACE);
  if (detail === undefined) return undefined;
  const fields = new FieldReader(detail, ['code', 'message', 'remedy', 'field']);
  return {
    code: fields.text('code'),
    message: fields.text('message'),
    remedy: fields.text('remedy'),
    field: fields.has('field') ? fields.text('field') : undefined,
  };
}
