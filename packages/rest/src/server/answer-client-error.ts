import type { Socket } from 'node:net';
import { CodedError } from '@everopen/core';
import { PROBLEM_CONTENT_TYPE } from '@everopen/contract/rest';
import { toProblem } from '../errors/to-problem.ts';

/** Node's parser gave up on what a client sent: there is no request, so the answer is written by hand. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  // The client has gone, or an answer is on its way already: nothing may be mixed into it.
  if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const [statusLine, coded] = refusalOf(error.code);
  const body = JSON.stringify({ ...toProblem(coded, 'none'), status: Number(statusLine.slice(0, 3)) });
  socket.end(
    `HTTP/1.1 ${statusLine}\r\nContent-Type: ${PROBLEM_CONTENT_TYPE}; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nX-Content-Type-Options: nosniff\r\n` +
      `Cache-Control: no-store\r\nConnection: close\r\n\r\n${body}`,
  );
}

function refusalOf(code: string | undefined): [statusLine: string, error: CodedError] {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return [
        '431 Request Header Fields Too Large',
        new CodedError('PayloadTooLarge', 'The request line and headers are too long'),
      ];
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return ['408 Request Timeout', new CodedError('InvalidArgument', 'The request came too slowly')];
    default:
      return ['400 Bad Request', new CodedError('InvalidArgument', 'This is not a request in HTTP/1.1')];
  }
}
