import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';

/**
 * The rich error model of gRPC: `google.rpc.Status` in the trailer `grpc-status-details-bin`, holding
 * `google.rpc.ErrorInfo` and, for a bad field, `google.rpc.BadRequest` (googleapis, google/rpc/*.proto;
 * AIP-193). Three small messages, written here rather than generated.
 */
export interface StatusDetails {
  readonly reason: string;
  readonly domain: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly fieldViolations: readonly { readonly field: string; readonly description: string }[];
}

const ERROR_INFO = 'type.googleapis.com/google.rpc.ErrorInfo';
const BAD_REQUEST = 'type.googleapis.com/google.rpc.BadRequest';

export function encodeStatus(grpcCode: number, message: string, details: StatusDetails): Uint8Array {
  const status = new BinaryWriter().uint32(8).int32(grpcCode).uint32(18).string(message);
  const any = (typeUrl: string, value: Uint8Array): void => {
    status.uint32(26).bytes(new BinaryWriter().uint32(10).string(typeUrl).uint32(18).bytes(value).finish());
  };
  const info = new BinaryWriter().uint32(10).string(details.reason).uint32(18).string(details.domain);
  for (const [key, value] of Object.entries(details.metadata)) {
    info.uint32(26).bytes(new BinaryWriter().uint32(10).string(key).uint32(18).string(value).finish());
  }
  any(ERROR_INFO, info.finish());
  if (details.fieldViolations.length > 0) {
    const badRequest = new BinaryWriter();
    for (const { field, description } of details.fieldViolations) {
      badRequest
        .uint32(10)
        .bytes(new BinaryWriter().uint32(10).string(field).uint32(18).string(description).finish());
    }
    any(BAD_REQUEST, badRequest.finish());
  }
  return status.finish();
}

/** The ErrorInfo of a status; undefined if there is none or the bytes are not a status. */
export function decodeErrorInfo(bytes: Uint8Array): Omit<StatusDetails, 'fieldViolations'> | undefined {
  try {
    for (const any of fields(bytes).get(3) ?? []) {
      const parts = fields(any);
      if (text(parts.get(1)) !== ERROR_INFO) continue;
      const info = fields(parts.get(2)?.[0] ?? new Uint8Array());
      const metadata: Record<string, string> = {};
      for (const entry of info.get(3) ?? []) {
        const pair = fields(entry);
        metadata[text(pair.get(1))] = text(pair.get(2));
      }
      return { reason: text(info.get(1)), domain: text(info.get(2)), metadata };
    }
    return undefined;
  } catch {
    // A peer's answer is not trusted: unreadable details are no details.
    return undefined;
  }
}

/** Length-delimited fields by number; others are skipped. */
function fields(bytes: Uint8Array): Map<number, Uint8Array[]> {
  const reader = new BinaryReader(bytes);
  const found = new Map<number, Uint8Array[]>();
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (wireType !== 2) {
      reader.skip(wireType);
      continue;
    }
    const values = found.get(number) ?? [];
    values.push(reader.bytes());
    found.set(number, values);
  }
  return found;
}

function text(values: readonly Uint8Array[] | undefined): string {
  return new TextDecoder().decode(values?.[0] ?? new Uint8Array());
}
