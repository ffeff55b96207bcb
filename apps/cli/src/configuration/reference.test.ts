import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { PORT_PLAN } from '../topology/port-plan.ts';
import { configurationReference } from './reference.ts';
import { SETTING_NAMES } from './settings.ts';

const root = new URL('../../../../', import.meta.url);
/** As prettier may have laid it out: only the words count. */
const words = (text: string): string => text.replace(/[\s|-]+/g, ' ');

it('docs/configuration.md is what the schema says (npm run docs:configuration)', () => {
  expect(words(readFileSync(new URL('docs/configuration.md', root), 'utf8'))).toBe(
    words(configurationReference()),
  );
});

it('the reference names every setting, and the port plan as it is', () => {
  const reference = configurationReference();
  for (const name of SETTING_NAMES) expect(reference).toContain(`| \`${name}\` |`);
  for (const { offset, count } of [
    PORT_PLAN.sellerServer,
    PORT_PLAN.buyerServer,
    PORT_PLAN.customersDb,
    PORT_PLAN.productsDb,
  ]) {
    expect(reference).toContain(`| ${8080 + offset}–${8080 + offset + count - 1} |`);
  }
  expect(reference).toContain(`| ${8080 + PORT_PLAN.payment.offset} |`);
  const productsPeers = 8080 + PORT_PLAN.productsDb.offset + PORT_PLAN.peerOffset;
  expect(reference).toContain(`| ${productsPeers}–${productsPeers + PORT_PLAN.productsDb.count - 1} |`);
  expect(reference).toContain(`–${8080 + PORT_PLAN.span - 1} |`);
});
