import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cryptoRandom, formatUuid, silentLogger, uuidV7, type RunningService } from '@everopen/core';
import { startCustomersDb } from '@everopen/customers-db';
import { startProductsDb } from '@everopen/products-db';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foreignTool } from './foreign-tool.ts';

const root = join(import.meta.dirname, '../..');
const clusterKey = 'key for the foreign test';
const available = foreignTool(
  "Python with grpcio, and protoc (Debian's python3-grpcio, python3-protobuf, protobuf-compiler)",
  () => {
    execFileSync('/usr/bin/python3', ['-c', 'import grpc, google.protobuf'], { stdio: 'ignore' });
    execFileSync('protoc', ['--version'], { stdio: 'ignore' });
  },
);

describe.skipIf(!available)('S1: a gRPC client that we did not write', () => {
  let folder: string;
  let services: RunningService[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'everopen-foreign-'));
    const generate = (directory: string, file: string): void => {
      execFileSync('protoc', [`--proto_path=${directory}`, `--python_out=${folder}`, file]);
    };
    const reflection = join(root, 'node_modules/@grpc/reflection/build/proto/grpc/reflection/v1');
    generate(join(root, 'proto'), 'customers.proto');
    generate(join(root, 'proto'), 'products.proto');
    generate(reflection, 'reflection.proto');
    generate(join(root, 'node_modules/grpc-health-check/proto/health/v1'), 'health.proto');
    const common = {
      address: { host: '127.0.0.1', port: 0 },
      clusterId: 'foreign',
      clusterKey,
      engine: 'solo' as const,
      store: 'sqlite' as const,
      logger: silentLogger,
      onFatal: (error: unknown) => {
        throw error;
      },
    };
    services = await Promise.all([
      startCustomersDb({ ...common, member: 'c0', members: ['c0'], dataDirectory: join(folder, 'c0') }),
      startProductsDb({ ...common, member: 'p0', members: ['p0'], dataDirectory: join(folder, 'p0') }),
    ]);
  });

  afterAll(async () => {
    for (const service of services) await service.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('calls both databases, health and reflection with the proto files alone', async () => {
    const key = (): string => formatUuid(uuidV7(Date.now(), cryptoRandom));
    const addresses = services.map(({ address }) => `${address.host}:${address.port}`);
    // Not the synchronous form: the servers live in this process.
    const { stdout } = await promisify(execFile)('/usr/bin/python3', [
      join(import.meta.dirname, 'grpc_client.py'),
      folder,
      ...addresses,
      clusterKey,
      key(),
      key(),
      key(),
    ]);
    expect(JSON.parse(stdout)).toEqual({
      account: 1,
      sameAnswer: true,
      taken: 'ALREADY_EXISTS',
      wrongKey: 'UNAUTHENTICATED',
      health: 'SERVING',
      reflection: expect.arrayContaining(['everopen.customers.v1.Customers']) as unknown,
      found: ['Foreign lamp'],
      item: 1,
      missing: 'NOT_FOUND',
    });
  });
});
