import { CodedError } from '@everopen/core/errors';

export interface ServerPicker {
  /** Base URL of the server in use, without a slash at the end. */
  current(): string;
  /** It could not serve: take the next one. */
  moveOn(): void;
}

/** Begins with a random server, so that many clients spread evenly, and stays with it while it serves. */
export function serverPicker(servers: readonly string[], random: () => number): ServerPicker {
  const bases = servers.map(baseOf);
  if (bases.length === 0) throw invalid('servers must name at least one server');
  let at = Math.floor(random() * bases.length);
  return {
    current: () => bases[at] as string,
    moveOn: () => {
      at = (at + 1) % bases.length;
    },
  };
}

function baseOf(server: string): string {
  let url: URL;
  try {
    url = new URL(server);
  } catch {
    throw invalid('servers must be URLs such as http://127.0.0.1:7101');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw invalid('servers must be http or https URLs');
  return url.origin + url.pathname.replace(/\/+$/, '');
}

function invalid(message: string): CodedError {
  return new CodedError('InvalidArgument', message, { details: { field: 'servers' } });
}
