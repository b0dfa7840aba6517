import { start } from './start.ts';

// A GPU's driver keeps the process alive as long as it is loaded.
process.exit(await start(process.argv.slice(2)));
