import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = fileURLToPath(new URL(".", import.meta.url));

export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  cacheDir: `${here}node_modules/.vite`,
  // The tests are in the repository's tests/, above node_modules/, so Node does not find vitest from there.
  resolve: { alias: { vitest: `${here}node_modules/vitest` } },
  // A busy machine is slow, not wrong.
  test: { include: ["tests/browser_units/**/*.test.js"], environment: "node", testTimeout: 60_000 },
});
