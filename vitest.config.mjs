import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["tests/browser_units/**/*.test.js"], environment: "node" },
});
