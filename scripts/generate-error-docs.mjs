#!/usr/bin/env node
// Writes docs/errors.md from the one error table. Run after a build: node scripts/generate-error-docs.mjs
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorDocs } from '@everopen/contract';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
writeFileSync(join(root, 'docs/errors.md'), errorDocs());
