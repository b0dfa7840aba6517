// How Vite serves and builds the page.
import { defineConfig } from 'vite';

export default defineConfig({
  base: './', // so that the built page works in any folder of a server
  build: {
    target: 'es2022',
    chunkSizeWarningLimit: 1500, // a backend of TF.js is more than Vite's 500 kB; each is fetched only if it is tried
  },
});
