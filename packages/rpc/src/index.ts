/**
 * gRPC as this house speaks it: coded errors, the cluster key, idempotency keys and read positions in
 * metadata, deadlines, limits, health and reflection; clients with promises that fail over between replicas.
 */
export { EncodedMessage } from './server/encoded-message.ts';
export type { CallContext, ServiceHandlers } from './server/handlers.ts';
export { serveGrpc, type GrpcServer, type GrpcServerOptions } from './server/serve-grpc.ts';
export { replicatedCalls, type ReplicatedCalls } from './replicated/replicated-calls.ts';
export { replicaStatusMessage } from './replicated/replica-status-message.ts';
export { connectGrpc, type GrpcClient, type GrpcClientOptions } from './client/connect-grpc.ts';
export type { CallOptions, ClientCalls, Reply } from './client/calls.ts';
export { fromServiceError, toServiceError } from './errors/service-error.ts';
