import { errorForm } from '@everopen/contract';
import { CodedError, isCodedError, type Logger } from '@everopen/core';
import { readEnvelope, writeEnvelope } from '../soap/envelope.ts';
import { writeFault } from '../soap/fault.ts';
import * as messages from '../soap/messages.ts';
import { SOAP_FORMS, type SoapVersion } from '../soap/soap-version.ts';
import { readXml } from '../xml/read-xml.ts';
import type { XmlElement } from '../xml/xml-element.ts';
import { readContentType, type SoapContentType } from './content-type.ts';
import type { PaymentDesk } from './payment-desk.ts';

/** The headers that matter, and the whole body. */
export interface SoapHttpRequest {
  readonly contentType: string | undefined;
  readonly soapAction: string | undefined;
  readonly authorization: string | undefined;
  readonly body: Uint8Array;
}

export interface SoapHttpResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * One SOAP request over HTTP: bytes in, bytes out, never a throw. A request that is not understood from its
 * first to its last byte is a fault, and nothing of it is carried out.
 */
export async function answerSoap(
  desk: PaymentDesk,
  logger: Logger,
  request: SoapHttpRequest,
): Promise<SoapHttpResponse> {
  // Faults are given in the caller's version as soon as it is known; until then in the older one.
  let version: SoapVersion = '1.1';
  try {
    const contentType = readContentType(request.contentType);
    version = contentType.version;
    desk.authenticate(request.authorization);
    const envelope = readEnvelope(readXml(decode(request.body)));
    if (envelope.version !== version) {
      throw invalid(`The content type is that of SOAP ${version}, the envelope is not`, 'VersionMismatch');
    }
    const operation = operationOf(envelope.message, contentType, request.soapAction);
    const answer = await perform(desk, operation, envelope.message);
    return respond(200, version, answer);
  } catch (error) {
    return respondFault(version, toCodedError(error, logger));
  }
}

/** An error as a fault. SOAP 1.1 has one status for all of them; 1.2 tells whose fault it was. */
export function respondFault(version: SoapVersion, error: CodedError, httpStatus?: number): SoapHttpResponse {
  const byVersion = version === '1.2' && errorForm(error.code).soap === 'Client' ? 400 : 500;
  return respond(httpStatus ?? byVersion, version, writeFault(version, error));
}

async function perform(
  desk: PaymentDesk,
  operation: messages.Operation,
  message: XmlElement,
): Promise<string> {
  switch (operation) {
    case 'Charge':
      return messages.writeAnswer(operation, await desk.charge(messages.readCharge(message)));
    case 'Void':
      return messages.writeAnswer(operation, await desk.void(messages.readVoid(message).key));
    case 'ListEntries': {
      const { after, limit } = messages.readListEntries(message);
      return messages.writeEntries(desk.listEntries(after, limit));
    }
  }
}

/** The operation that body and action name; they must agree, or a filter in between could be deceived. */
function operationOf(
  message: XmlElement,
  contentType: SoapContentType,
  soapAction: string | undefined,
): messages.Operation {
  const operation = messages.OPERATIONS.find((name) => name === message.name);
  if (operation === undefined || message.namespace !== messages.NAMESPACE) {
    throw invalid(
      `The Body must hold one of ${messages.OPERATIONS.join(', ')} in the namespace ${messages.NAMESPACE}`,
    );
  }
  const action =
    contentType.version === '1.1' ? soapAction?.trim().replace(/^"(.*)"$/, '$1') : contentType.action;
  if (action !== undefined && action !== '' && action !== messages.actionOf(operation)) {
    throw invalid(`The SOAP action must be ${messages.actionOf(operation)} for ${operation}`);
  }
  return operation;
}

function decode(body: Uint8Array): string {
  try {
    return utf8.decode(body);
  } catch (error) {
    throw new CodedError('InvalidArgument', 'The body is not UTF-8', { cause: error });
  }
}

function toCodedError(error: unknown, logger: Logger): CodedError {
  if (isCodedError(error)) return error;
  logger.error({ error: error instanceof Error ? error.stack : String(error) }, 'a payment call failed');
  return new CodedError('Internal', 'A fault of the payment service', { cause: error });
}

function respond(status: number, version: SoapVersion, message: string): SoapHttpResponse {
  return {
    status,
    contentType: `${SOAP_FORMS[version].mediaType}; charset=utf-8`,
    body: writeEnvelope(version, message),
  };
}

function invalid(message: string, fault?: 'VersionMismatch'): CodedError {
  return new CodedError('InvalidArgument', message, fault === undefined ? {} : { details: { fault } });
}
