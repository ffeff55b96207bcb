/** Errors alone: the part of this package that runs in a browser too. */
export { CodedError, isCodedError, type ErrorDetails } from './coded-error.ts';
export { SYSTEM_ERRORS, type ErrorForm, type GrpcStatusName, type SystemErrorCode } from './system-errors.ts';
