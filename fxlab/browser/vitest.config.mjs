import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = fileURLToPath(new URL(".", import.meta.url));

export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  cacheDir: `${here}node_modules/.vite`,
  // The tests are in tests/ of the repository, outside of the folder that contains node_modules/, so Node cannot find
  // vitest from there.
  resolve: { alias: { vitest: `${here}node_modules/vitest` } },
  // Tests may be slow on a busy machine.
  test: { include: ["tests/browser_units/**/*.test.js"], environment: "node", testTimeout: 60_000 },
});
