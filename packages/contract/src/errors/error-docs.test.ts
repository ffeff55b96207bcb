import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BUYER_ROUTES, ACCOUNT_ROUTES, SELLER_ROUTES } from '../rest/index.ts';
import { errorDocs } from './error-docs.ts';
import { ERROR_TABLE, errorForm } from './error-table.ts';

const docs = join(import.meta.dirname, '../../../../docs');

/** Markdown without what a formatter may change: the padding of tables and the wrapping of lines. */
const words = (text: string): string =>
  text
    .replaceAll(/[ \n]+/g, ' ')
    .replaceAll(/-{3,}/g, '---')
    .trim();

describe('the error table', () => {
  it('is what docs/errors.md says', () => {
    expect(words(readFileSync(join(docs, 'errors.md'), 'utf8'))).toBe(words(errorDocs()));
  });

  it('has a form for every code at every edge, and words that help', () => {
    for (const [code, form] of Object.entries(ERROR_TABLE)) {
      expect(form.http, code).toBeGreaterThanOrEqual(400);
      expect(form.title, code).toMatch(/^[A-Z].{5,}[^.]$/);
      expect(form.remedy, code).toMatch(/\.$/);
      // Who is to blame is the same at each edge.
      if (form.soap === 'Server') expect([429, 500, 503, 504], code).toContain(form.http);
    }
  });

  it('treats a code that it does not know as a fault of ours', () => {
    expect(errorForm('NoSuchCode')).toBe(ERROR_TABLE.Internal);
    expect(errorForm('constructor')).toBe(ERROR_TABLE.Internal);
  });

  it('knows every code that a route says it can give', () => {
    for (const route of Object.values({ ...ACCOUNT_ROUTES, ...SELLER_ROUTES, ...BUYER_ROUTES })) {
      for (const code of route.errors) expect(ERROR_TABLE, `${route.path} ${code}`).toHaveProperty(code);
    }
  });

  it('is linked from the description of the interface', () => {
    expect(existsSync(join(docs, 'api.md'))).toBe(true);
    expect(readFileSync(join(docs, 'api.md'), 'utf8')).toContain('errors.md');
  });
});
