export type SoapVersion = '1.1' | '1.2';

interface SoapForm {
  /** The namespace of the envelope, which is how a message tells its version. */
  readonly namespace: string;
  readonly mediaType: string;
  /** The fault codes for "the request is at fault" and "the service is at fault". */
  readonly clientFault: string;
  readonly serverFault: string;
}

/** What differs between SOAP 1.1 (W3C Note, 2000) and SOAP 1.2 (W3C Recommendation, 2007) on the wire. */
export const SOAP_FORMS: Readonly<Record<SoapVersion, SoapForm>> = {
  '1.1': {
    namespace: 'http://schemas.xmlsoap.org/soap/envelope/',
    mediaType: 'text/xml',
    clientFault: 'Client',
    serverFault: 'Server',
  },
  '1.2': {
    namespace: 'http://www.w3.org/2003/05/soap-envelope',
    mediaType: 'application/soap+xml',
    clientFault: 'Sender',
    serverFault: 'Receiver',
  },
};

/** The version whose envelope has this namespace. */
export function soapVersionOf(namespace: string): SoapVersion | undefined {
  if (namespace === SOAP_FORMS['1.1'].namespace) return '1.1';
  if (namespace === SOAP_FORMS['1.2'].namespace) return '1.2';
  return undefined;
}
