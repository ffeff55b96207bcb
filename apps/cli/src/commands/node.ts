import { readClusterRecord, foundedSettings } from '../cluster/cluster-file.ts';
import { loadSettings } from '../configuration/load-settings.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { processLogger } from '../logs/process-logger.ts';
import { runNode } from '../node/run-node.ts';
import { NODE_KINDS, type NodeKind } from '../topology/node-kind.ts';
import { nodeName, parseAddress } from '../topology/topology.ts';

export interface NodeFlags {
  readonly data: string;
  readonly address: string;
  readonly customersDb?: string;
  readonly productsDb?: string;
  readonly payment?: string;
  readonly peers?: string;
  readonly config?: string;
}

/** `everopen node KIND INDEX`: one component in this process. */
export async function node(kindText: string, indexText: string, flags: NodeFlags): Promise<number> {
  const kind = NODE_KINDS.find((known) => known === kindText);
  if (kind === undefined) {
    throw new CommandFailure(
      EXIT.usage,
      `KIND must be one of ${NODE_KINDS.join(', ')}, got ${JSON.stringify(kindText)}`,
    );
  }
  if (!/^\d{1,2}$/.test(indexText)) {
    throw new CommandFailure(
      EXIT.usage,
      `INDEX must be a number from 0 to 99, got ${JSON.stringify(indexText)}`,
    );
  }
  const index = Number(indexText);
  const address = parseAddress(flags.address);
  if (address === undefined) {
    throw new CommandFailure(EXIT.usage, `--address must be HOST:PORT, got ${JSON.stringify(flags.address)}`);
  }
  const record = readClusterRecord(flags.data);
  if (record === undefined) {
    throw new CommandFailure(
      EXIT.usage,
      `No marketplace was founded in ${flags.data}. Found one with: everopen init`,
    );
  }
  throwUnlessMember(kind, index, record);
  const settings = loadSettings({
    environment: process.env,
    configFile: flags.config,
    founded: foundedSettings(record),
  });
  const overRaft = kind === 'products-db' && record.productsEngine === 'raft';
  const isServer = kind === 'seller-server' || kind === 'buyer-server';
  return runNode({
    kind,
    index,
    address,
    dataDirectory: flags.data,
    record,
    settings,
    customersDb: addresses('--customers-db', flags.customersDb, isServer),
    productsDb: ofEach(overRaft, record.productsDb, '--products-db', flags.productsDb, isServer || overRaft),
    peers: ofEach(overRaft, record.productsDb, '--peers', flags.peers, overRaft),
    paymentUrl: paymentUrl(flags.payment, kind === 'buyer-server'),
    logger: processLogger(settings.logLevel, nodeName(kind, index)),
  });
}

function throwUnlessMember(
  kind: NodeKind,
  index: number,
  record: { customersDb: string[]; productsDb: string[] },
): void {
  if (kind === 'payment' && index !== 0) {
    throw new CommandFailure(EXIT.usage, `There is one payment service: its INDEX is 0, got ${index}`);
  }
  const members =
    kind === 'customers-db' ? record.customersDb : kind === 'products-db' ? record.productsDb : undefined;
  if (members === undefined || members.includes(nodeName(kind, index))) return;
  throw new CommandFailure(
    EXIT.usage,
    `${nodeName(kind, index)} is no member of this marketplace; it was founded with ${members.join(', ')}`,
  );
}

/** Where one is needed for each member, there must be as many. */
function ofEach(
  isNeeded: boolean,
  members: readonly string[],
  flag: string,
  text: string | undefined,
  required: boolean,
): string[] {
  const list = addresses(flag, text, required);
  if (!isNeeded || list.length === members.length) return list;
  throw new CommandFailure(
    EXIT.usage,
    `${flag} must have an address for each of ${members.join(', ')}, got ${list.length}`,
  );
}

function addresses(flag: string, text: string | undefined, required: boolean): string[] {
  if (text === undefined || text === '') {
    if (required)
      throw new CommandFailure(EXIT.usage, `${flag} is required: HOST:PORT of each replica, with commas`);
    return [];
  }
  const list = text.split(',');
  const wrong = list.find((part) => parseAddress(part) === undefined);
  if (wrong === undefined) return list;
  throw new CommandFailure(
    EXIT.usage,
    `${flag} must hold HOST:PORT with commas, got ${JSON.stringify(wrong)}`,
  );
}

function paymentUrl(text: string | undefined, required: boolean): string {
  if (text === undefined) {
    if (required)
      throw new CommandFailure(EXIT.usage, '--payment is required: the URL of the payment service');
    return '';
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return text;
  throw new CommandFailure(
    EXIT.usage,
    `--payment must be a URL such as http://127.0.0.1:8220/payment, got ${JSON.stringify(text)}`,
  );
}
