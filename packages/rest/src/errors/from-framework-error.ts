import { LIMITS } from '@everopen/contract';
import { CodedError } from '@everopen/core';
import { REST_LIMITS } from '../server/rest-limits.ts';

/** The framework's own refusals (a body too large, a path that cannot be decoded …) in our codes. */
export function fromFrameworkError(error: unknown): unknown {
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new CodedError('PayloadTooLarge', `The body may have ${LIMITS.requestBodyMaxBytes} bytes`, {
        details: { limitBytes: LIMITS.requestBodyMaxBytes },
      });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_INVALID_CONTENT_TYPE':
      return new CodedError('UnsupportedMediaType', 'The content type must be application/json');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new CodedError('InvalidArgument', 'The body is not as long as Content-Length says', {
        details: { field: 'content-length' },
      });
    case 'FST_ERR_BAD_URL':
      return new CodedError('InvalidArgument', 'The path cannot be decoded', { details: { field: 'path' } });
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new CodedError(
        'InvalidArgument',
        `A part of the path has more than ${REST_LIMITS.pathSegmentMaxChars} characters`,
        { details: { field: 'path' } },
      );
    default:
      // Anything else that blames the client: an aborted body, a method without meaning.
      return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
        ? new CodedError('InvalidArgument', 'The request cannot be read', { cause: error })
        : error;
  }
}
