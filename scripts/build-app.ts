// Builds the app for deployment: ES modules in dist/app. The build splits the code, so that an SDK
// loads at its first use.
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build, type OutputFile, type Plugin } from 'esbuild';

export interface BuildOptions {
  readonly outdir?: string;
  readonly plugins?: Plugin[];
}

/**
 * CommonJS packages inside an ES module still call `require`. The worker also answers `require` for
 * `@azure/functions-core`.
 */
const BANNER = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** Builds the app into a folder. */
export async function buildApp({ outdir = 'dist/app', plugins = [] }: BuildOptions = {}): Promise<void> {
  const { outputFiles } = await build({
    write: false,
    entryPoints: { main: 'functions/main.ts' },
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    // The CommonJS file of the Site Recovery SDK hides its exports from import(); its ES modules do
    // not.
    mainFields: ['module', 'main'],
    target: 'node22',
    minifySyntax: true,
    minifyWhitespace: true,
    // In Azure an HTTP function has the name of its handler.
    keepNames: true,
    sourcemap: true,
    legalComments: 'none',
    external: ['@azure/functions-core'],
    banner: { js: BANNER },
    logLevel: 'warning',
    plugins,
  });
  await writeChangedFiles(outdir, outputFiles);
}

/**
 * Writes only changed files and removes only stale files, so that a running host with the same
 * build continues undisturbed.
 */
async function writeChangedFiles(outdir: string, files: readonly OutputFile[]): Promise<void> {
  await mkdir(outdir, { recursive: true });
  for (const { path, contents } of files) {
    const existing = await readFile(path).catch(() => undefined);
    if (!existing?.equals(contents)) await writeFile(path, contents);
  }
  const wanted = new Set(files.map(({ path }) => basename(path)));
  for (const name of await readdir(outdir))
    if (!wanted.has(name)) await rm(join(outdir, name), { recursive: true });
}
