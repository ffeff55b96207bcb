import { fileURLToPath } from 'node:url';

/** The program itself, to start again as another process. */
export const BIN_PATH = fileURLToPath(new URL('../bin/everopen.js', import.meta.url));
