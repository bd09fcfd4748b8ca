// Builds the app without one guard into its own folder. A test can then show the effect of the
// guard.
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

export interface MutantApp {
  readonly app: string;
  remove(): void;
}

/**
 * The positions of a text in a source. White space, line breaks and the formatter's trailing commas
 * do not count: a mutant must survive a new line width.
 */
export function matchesOf(find: string, source: string): RegExpExecArray[] {
  const tokens = find.match(/\w+|\S/g) ?? [];
  const escaped = tokens.map((token) => token.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = escaped.map((token) => (/^\\?[)\]}]$/.test(token) ? `,?\\s*${token}` : token)).join('\\s*');
  return [...source.matchAll(new RegExp(pattern, 'g'))];
}

/** The source without the guard. Throws unless the source contains the guard exactly once. */
export function mutate(source: string, { file, find, replace }: Mutation): string {
  const [place, ...more] = matchesOf(find, source);
  if (!place || more.length > 0) throw new Error(`"${find}" does not occur exactly once in ${file}.`);
  return source.slice(0, place.index) + replace + source.slice(place.index + place[0].length);
}

/**
 * Throws unless the source contains the guard exactly once: a mutation without a change would prove
 * nothing.
 */
export async function buildMutantApp(mutation: Mutation): Promise<MutantApp> {
  const contents = mutate(readFileSync(join(ROOT, mutation.file), 'utf8'), mutation);
  const app = mkdtempSync(join(tmpdir(), 'lifeboat-mutant-'));
  mkdirSync(join(app, 'dist'));
  for (const name of ['package.json', 'host.json']) copyFileSync(join(ROOT, name), join(app, name));
  await buildApp({
    outdir: join(app, 'dist', 'app'),
    plugins: [
      {
        name: 'mutation',
        setup: (build) =>
          build.onLoad({ filter: new RegExp(`${mutation.file.replaceAll('.', '\\.')}$`) }, () => ({
            contents,
            loader: 'ts',
          })),
      },
    ],
  });
  return { app, remove: () => rmSync(app, { recursive: true, force: true }) };
}

/**
 * Loads one module without a guard into the test's own process. Its imports are the shared ones,
 * unless the test replaces them.
 */
export function loadMutatedModule(
  mutation: Mutation,
  replacements: Readonly<Record<string, object>> = {},
): unknown {
  const path = join(ROOT, mutation.file);
  const source = readFileSync(path, 'utf8');
  const { code } = transformSync(mutate(source, mutation), { format: 'cjs', loader: 'ts', target: 'node22' });
  const load = createRequire(path);
  const module = { exports: {} };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- a module of ours, as a loader would run it
  (new Function('require', 'module', 'exports', code) as (...given: unknown[]) => void)(
    (name: string): unknown => replacements[name] ?? (load(name) as object),
    module,
    module.exports,
  );
  return module.exports;
}
