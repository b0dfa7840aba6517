#!/usr/bin/env node
// The command `cifar-data`; what it does is in node/command.ts.
import { runCommand } from './node/command.ts';

process.exitCode = await runCommand(process.argv.slice(2));
