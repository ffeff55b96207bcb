import type { ErrorForm } from '@everopen/core/errors';
import { ERROR_TABLE } from './error-table.ts';

const INTRODUCTION = `# Errors

Every error of the marketplace has a code from this table, whichever way it comes: as problem details over REST
(RFC 9457: \`code\` in the body, \`application/problem+json\`), in the status details of gRPC (\`ErrorInfo\`, domain
\`everopen\`), as a SOAP fault, or as a \`CodedError\` in TypeScript. Decide by the code, never by the words.

_Retry_ says whether the same request may be repeated:

- **never**: it will be refused again;
- **same key**: repeat it with the same idempotency key, soon or at another server; it takes effect once;
- **later**: the same, after a pause; \`Retry-After\` says how long.

This page is written by \`node scripts/generate-error-docs.mjs\` from \`ERROR_TABLE\`; a test compares.
`;

/** The text of `docs/errors.md`: the table for people, in Markdown. */
export function errorDocs(): string {
  const rows = Object.entries(ERROR_TABLE).map(([code, form]) => rowOf(code, form));
  const head = [
    '| Code | HTTP | gRPC | SOAP | Retry | What it means | What to do |',
    '| --- | --- | --- | --- | --- | --- | --- |',
  ];
  return `${INTRODUCTION}\n${[...head, ...rows].join('\n')}\n`;
}

function rowOf(code: string, { http, grpc, soap, retry, title, remedy }: ErrorForm): string {
  const words = retry === 'same-key' ? 'same key' : retry;
  return `| \`${code}\` | ${http} | ${grpc} | ${soap} | ${words} | ${title} | ${remedy} |`;
}
