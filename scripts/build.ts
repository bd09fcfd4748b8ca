// Builds the app as it is deployed: ES modules under dist/app, split so that an SDK is loaded when it is first used.
import { rm } from 'node:fs/promises';
import { build, type Plugin } from 'esbuild';

export interface BuildOptions {
  readonly outdir?: string;
  readonly plugins?: Plugin[];
}

/** CommonJS packages inside an ES module still call `require`, and the worker answers `@azure/functions-core` there. */
const BANNER = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

export async function buildApp({ outdir = 'dist/app', plugins = [] }: BuildOptions = {}): Promise<void> {
  await rm(outdir, { recursive: true, force: true });
  await build({
    entryPoints: { main: 'functions/main.ts' },
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    // The Site Recovery SDK's CommonJS file hides its exports from import(); its ES modules do not.
    mainFields: ['module', 'main'],
    target: 'node22',
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    sourcemap: true,
    legalComments: 'none',
    external: ['@azure/functions-core'],
    banner: { js: BANNER },
    logLevel: 'warning',
    plugins,
  });
}

if (import.meta.main) await buildApp();
