import type { Problem } from '@everopen/contract/rest';
import { CodedError } from '@everopen/core/errors';
import type { TransportAnswer } from '../transport/transport.ts';

/**
 * The error in an answer. One that is not ours (a proxy's, say) tells nothing about what happened behind it:
 * `Unknown`. `details.errors` names the fields at fault, `details.requestId` the request in the server's log.
 */
export function toCodedError(answer: TransportAnswer): CodedError {
  const problem = parseProblem(answer);
  if (problem === undefined) {
    return new CodedError('Unknown', `Something on the way answered with status ${answer.status}`, {
      details: { status: answer.status },
    });
  }
  const { code, detail, details, errors, requestId, status } = problem;
  return new CodedError(code, detail, {
    details: { ...details, status, requestId, ...(errors === undefined ? {} : { errors }) },
  });
}

function parseProblem(answer: TransportAnswer): Problem | undefined {
  if (answer.header('content-type')?.startsWith('application/problem+json') !== true) return undefined;
  try {
    const problem = JSON.parse(answer.body) as Partial<Problem>;
    const isOurs = typeof problem.code === 'string' && typeof problem.detail === 'string';
    return isOurs ? (problem as Problem) : undefined;
  } catch {
    return undefined;
  }
}
