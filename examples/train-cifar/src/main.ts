import { runCommand } from './command.ts';

// A GPU's driver keeps the process alive as long as it is loaded.
process.exit(await runCommand(process.argv.slice(2)));
