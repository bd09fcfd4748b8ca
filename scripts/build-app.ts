// Builds the app as it is deployed: ES modules under dist/app, split so that an SDK is loaded when
// it is first used.
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build, type OutputFile, type Plugin } from 'esbuild';

export interface BuildOptions {
  readonly outdir?: string;
  readonly plugins?: Plugin[];
}

/**
 * CommonJS packages inside an ES module still call `require`, and the worker answers
 * `@azure/functions-core` there.
 */
const BANNER = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

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
    // The Site Recovery SDK's CommonJS file hides its exports from import(); its ES modules do not.
    mainFields: ['module', 'main'],
    target: 'node22',
    minifySyntax: true,
    minifyWhitespace: true,
    // An HTTP function has the name of its handler in Azure.
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
 * Only what differs is written, and only what is stale removed: a host that runs this very build is
 * not disturbed.
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
