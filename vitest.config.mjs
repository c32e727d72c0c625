import { defineConfig } from "vitest/config";

export default defineConfig({
  // A machine that does other things besides is slow, not wrong.
  test: { include: ["tests/browser_units/**/*.test.js"], environment: "node", testTimeout: 60_000 },
});
