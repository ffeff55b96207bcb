#!/usr/bin/env node
import module from 'node:module';
import { fileURLToPath } from 'node:url';

// Node 22 and newer keep compiled code between starts: eleven processes load much the same.
module.enableCompileCache?.(fileURLToPath(new URL('../../../node_modules/.cache/everopen', import.meta.url)));
await import('../dist/main.js');
