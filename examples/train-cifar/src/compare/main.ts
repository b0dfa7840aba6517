import { compare } from './compare.ts';

// A GPU's driver keeps the process alive as long as it is loaded.
process.exit(await compare(process.argv.slice(2)));
