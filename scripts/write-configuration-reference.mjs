#!/usr/bin/env node
// Writes docs/configuration.md from the schema of the settings. Run: npm run docs:configuration
import { writeFileSync } from 'node:fs';
import { configurationReference } from '../apps/cli/dist/configuration/reference.js';

writeFileSync(new URL('../docs/configuration.md', import.meta.url), configurationReference());
