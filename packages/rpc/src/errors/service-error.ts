import { CodedError, isCodedError } from '@everopen/core';
import { errorForm } from '@everopen/contract';
import { Metadata, status as GrpcStatus, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import { parseDetails } from './parse-details.ts';
import { decodeErrorInfo, encodeStatus } from './status-details.ts';

const DOMAIN = 'everopen';
const DETAILS_KEY = 'grpc-status-details-bin';
/** HTTP/2 header lists are limited to 16 KiB by many peers; details beyond this are left out. */
const DETAILS_MAX_BYTES = 6 * 1024;

/** The gRPC form of an error. What is not a `CodedError` is `Internal`, and its text stays here. */
export function toServiceError(error: unknown): Partial<StatusObject> {
  const coded = isCodedError(error) ? error : new CodedError('Internal', 'A fault of ours');
  const code = GrpcStatus[errorForm(coded.code).grpc];
  const json = JSON.stringify(coded.details);
  const metadata: Record<string, string> =
    json === '{}' || json.length > DETAILS_MAX_BYTES ? {} : { details: json };
  const { field } = coded.details;
  const fieldViolations = typeof field === 'string' ? [{ field, description: coded.message }] : [];
  const trailers = new Metadata();
  trailers.set(
    DETAILS_KEY,
    Buffer.from(
      encodeStatus(code, coded.message, { reason: coded.code, domain: DOMAIN, metadata, fieldViolations }),
    ),
  );
  return { code, details: coded.message, metadata: trailers };
}

/**
 * The error behind a failed call. An answer of ours carries its code; without one the call may have been
 * lost on the way there or back, so it is `Unknown` (or `DeadlineExceeded`), never "not executed".
 */
export function fromServiceError(error: ServiceError): CodedError {
  const binary = error.metadata?.get(DETAILS_KEY)[0];
  const info = Buffer.isBuffer(binary) ? decodeErrorInfo(binary) : undefined;
  if (info !== undefined && info.domain === DOMAIN) {
    return new CodedError(info.reason, error.details, {
      details: parseDetails(info.metadata['details'] ?? '{}'),
    });
  }
  const cause = { cause: error };
  switch (error.code) {
    case GrpcStatus.DEADLINE_EXCEEDED:
      return new CodedError('DeadlineExceeded', 'The replica did not answer in time', cause);
    case GrpcStatus.UNAUTHENTICATED:
      return new CodedError('Unauthenticated', error.details, cause);
    case GrpcStatus.UNIMPLEMENTED:
      return new CodedError('MethodNotAllowed', error.details, cause);
    case GrpcStatus.RESOURCE_EXHAUSTED:
      return new CodedError('PayloadTooLarge', error.details, cause);
    default:
      return new CodedError('Unknown', `The replica could not be reached: ${error.details}`, cause);
  }
}
