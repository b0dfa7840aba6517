#!/usr/bin/env node
// Imported late: without tfjs-core this package cannot even be loaded, and the doctor is to say so.
const command = await import('./command.ts').catch((error: Error) => {
  if (!error.message.includes("'@tensorflow/tfjs-core'")) throw error;
  console.log('@tensorflow/tfjs-core is not installed.\nmend: npm install @tensorflow/tfjs');
});
process.exitCode = command ? await command.run(process.argv.slice(2), console.log) : 1;

export {};
