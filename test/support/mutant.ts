// The app with one guard taken out, built into a folder of its own, so that a test can show what
// the guard is good for.
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createRequire } from 'node:module';
import { transformSync } from 'esbuild';
import { buildApp } from '../../scripts/build-app.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');

export interface Mutation {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface Mutant {
  readonly app: string;
  remove(): void;
}

/** Throws when the guard is not found exactly once: a mutation that changes nothing would prove nothing. */
export async function buildMutant({ file, find, replace }: Mutation): Promise<Mutant> {
  const path = join(ROOT, file);
  const source = readFileSync(path, 'utf8');
  if (source.split(find).length !== 2) throw new Error(`"${find}" does not stand exactly once in ${file}.`);
  const app = mkdtempSync(join(tmpdir(), 'lifeboat-mutant-'));
  mkdirSync(join(app, 'dist'));
  for (const name of ['package.json', 'host.json']) copyFileSync(join(ROOT, name), join(app, name));
  await buildApp({
    outdir: join(app, 'dist', 'app'),
    plugins: [
      {
        name: 'mutation',
        setup: (build) =>
          build.onLoad({ filter: new RegExp(`${file.replaceAll('.', '\\.')}$`) }, () => ({
            contents: source.replace(find, () => replace),
            loader: 'ts',
          })),
      },
    ],
  });
  return { app, remove: () => rmSync(app, { recursive: true, force: true }) };
}

/**
 * One module with a guard taken out, in the test's own process; what it imports is what the others
 * import, unless the test has something else in its place.
 */
export function mutated(
  { file, find, replace }: Mutation,
  instead: Readonly<Record<string, object>> = {},
): unknown {
  const path = join(ROOT, file);
  const source = readFileSync(path, 'utf8');
  if (source.split(find).length !== 2) throw new Error(`"${find}" does not stand exactly once in ${file}.`);
  const { code } = transformSync(
    source.replace(find, () => replace),
    { format: 'cjs', loader: 'ts', target: 'node22' },
  );
  const load = createRequire(path);
  const module = { exports: {} };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- a module of ours, as a loader would run it
  (new Function('require', 'module', 'exports', code) as (...given: unknown[]) => void)(
    (name: string): unknown => instead[name] ?? (load(name) as object),
    module,
    module.exports,
  );
  return module.exports;
}
