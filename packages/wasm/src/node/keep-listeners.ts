// Emscripten adds handlers to the process that end it, and TF.js takes off everybody's when a backend is disposed of.

const EVENTS = ['uncaughtException', 'unhandledRejection'];

type Listener = Parameters<typeof process.on>[1];

/** Notes the process's handlers of errors; the function that it returns puts exactly those back. */
export function noteListeners(): () => void {
  const noted = EVENTS.map((event) => ({ event, listeners: process.rawListeners(event) as Listener[] }));
  return () => {
    for (const { event, listeners } of noted) {
      process.removeAllListeners(event);
      for (const listener of listeners) process.on(event, listener);
    }
  };
}
