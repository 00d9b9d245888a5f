import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const api = process.env['ASSAY_API'] ?? 'http://127.0.0.1:4680';

export default defineConfig({
  plugins: [react()],
  // The contract lies in the server's tree, one level above.
  server: { host: '127.0.0.1', port: 4780, fs: { allow: ['..'] }, proxy: { '/api': api } },
  build: {
    target: 'es2022',
    // The content security policy forbids inline scripts and data: fonts; so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    // Zod must be told not to compile before any schema is made. A chunk runs before those that import it, so both lie in one.
    rolldownOptions: {
      output: {
        codeSplitting: { groups: [{ name: 'zod', test: /[\\/]node_modules[\\/]zod[\\/]|zod-jitless/ }] },
      },
    },
  },
});
