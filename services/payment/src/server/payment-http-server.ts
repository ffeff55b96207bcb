import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CodedError, type Logger } from '@everopen/core';
import { wsdl } from '../soap/wsdl.ts';
import type { PaymentDesk } from './payment-desk.ts';
import { answerSoap, respondFault, type SoapHttpResponse } from './soap-endpoint.ts';

const PATH = '/payment';

export const BODY_MAX_BYTES = 64 * 1024;
export const CONNECTIONS_MAX = 2_000;
const HEADER_MAX_BYTES = 8 * 1024;
/** Time for all headers, for the whole request, and between requests of a connection. */
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 8_000;
const KEEP_ALIVE_TIMEOUT_MS = 8_000;
const CHECK_INTERVAL_MS = 1_000;
/** How long `stop` waits for calls that are being answered. */
const STOP_GRACE_MS = 3_000;

export interface PaymentHttpOptions {
  readonly host: string;
  readonly port: number;
  /** Where callers reach the service, for the WSDL; the listening address if it is not given. */
  readonly publicUrl: string | undefined;
}

export interface ListeningServer {
  readonly address: { readonly host: string; readonly port: number };
  stop(): Promise<void>;
}

/**
 * HTTP around the desk: `POST /payment` (SOAP), `GET /payment?wsdl`, `GET /health`. Bounds the size of a
 * request, the time it may take to arrive, and the number of connections.
 */
export async function listenHttp(
  options: PaymentHttpOptions,
  desk: PaymentDesk,
  logger: Logger,
): Promise<ListeningServer> {
  let publicUrl = options.publicUrl;
  const server = createServer(
    {
      maxHeaderSize: HEADER_MAX_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
    },
    (request, response) => {
      route(desk, logger, publicUrl ?? '', request, response).catch((error: unknown) => {
        // A caller that is gone before its answer; answerSoap itself never throws.
        logger.debug({ error: String(error) }, 'a payment call ended early');
        response.destroy();
      });
    },
  );
  server.maxConnections = CONNECTIONS_MAX;
  const address = await listen(server, options);
  publicUrl ??= `http://${hostInUrl(address.host)}:${address.port}${PATH}`;
  return { address, stop: () => stopServer(server) };
}

async function route(
  desk: PaymentDesk,
  logger: Logger,
  publicUrl: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path, query] = (request.url ?? '').split('?', 2);
  if (path === '/health') {
    send(response, { status: 200, contentType: 'application/json', body: '{"status":"ok"}\n' });
  } else if (path !== PATH) {
    refuse(response, 404, new CodedError('NotFound', `The service is at ${PATH}`));
  } else if (request.method === 'GET' && query?.toLowerCase() === 'wsdl') {
    send(response, { status: 200, contentType: 'text/xml; charset=utf-8', body: wsdl(publicUrl) });
  } else if (request.method !== 'POST') {
    response.setHeader('allow', 'POST, GET');
    refuse(response, 405, new CodedError('MethodNotAllowed', `POST SOAP here, or GET ${PATH}?wsdl`));
  } else {
    const body = await readBody(request);
    if (body === undefined) refuse(response, 413, tooLarge());
    else send(response, await answerSoap(desk, logger, soapRequest(request, body)));
  }
}

function soapRequest({ headers }: IncomingMessage, body: Uint8Array): Parameters<typeof answerSoap>[2] {
  const action = headers['soapaction'];
  return {
    contentType: headers['content-type'],
    soapAction: typeof action === 'string' ? action : undefined,
    authorization: headers.authorization,
    body,
  };
}

/** The whole body, or undefined as soon as it is known to be above the limit. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > BODY_MAX_BYTES) return undefined;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Uint8Array) => {
      bytes += chunk.length;
      if (bytes > BODY_MAX_BYTES) {
        request.pause();
        resolve(undefined);
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

function send(response: ServerResponse, { status, contentType, body }: SoapHttpResponse): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/** A refusal at the level of HTTP; the rest of the request is not read, so the connection ends with it. */
function refuse(response: ServerResponse, status: number, error: CodedError): void {
  response.setHeader('connection', 'close');
  send(response, respondFault('1.1', error, status));
}

function tooLarge(): CodedError {
  return new CodedError('PayloadTooLarge', `A request may have ${BODY_MAX_BYTES} bytes`, {
    details: { limit: BODY_MAX_BYTES },
  });
}

function listen(server: Server, { host, port }: PaymentHttpOptions): Promise<ListeningServer['address']> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve({ host, port: (server.address() as AddressInfo).port });
    });
  });
}

function stopServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const impatience = setTimeout(() => server.closeAllConnections(), STOP_GRACE_MS);
    server.close(() => {
      clearTimeout(impatience);
      resolve();
    });
    server.closeIdleConnections();
  });
}

function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
