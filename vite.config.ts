import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where the management API answers while the designer is developed. */
const server = process.env.ORDERLOOM_URL ?? "http://127.0.0.1:7400";

// The designer has a folder `api` of its own; only the server's addresses are passed on.
const proxy = { "^/api/(v1/|openapi)": server, "^/hooks/": server };

/** What every page needs comes as one file: packed together it is a tenth smaller than as sixty. */
const firstPage = { name: "base", tags: ["$initial" as const], test: (id: string) => !/\.css|index\.html|main\.tsx/.test(id) };

export default defineConfig({
  root: "designer",
  plugins: [react()],
  // The package's own build for browsers: the other one asks for Node's Buffer as it loads.
  resolve: { alias: { "csv-parse/sync": "csv-parse/browser/esm/sync" } },
  // The server puts a new one there with each page it sends; see runtime/api/designer.ts.
  html: { cspNonce: "orderloom-nonce" },
  build: {
    outDir: "../dist/designer",
    emptyOutDir: true,
    manifest: true,
    target: "es2022",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    rolldownOptions: { output: { codeSplitting: { groups: [firstPage] } } },
  },
  server: { host: "127.0.0.1", proxy },
  preview: { host: "127.0.0.1", proxy },
});
