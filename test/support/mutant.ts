// The app with one guard taken out, built into a folder of its own, so that a test can show what the guard is good for.
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
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
    plugins: [{
      name: 'mutation',
      setup: (build) => build.onLoad({ filter: new RegExp(`${file.replaceAll('.', '\\.')}$`) }, () => ({ contents: source.replace(find, () => replace), loader: 'ts' })),
    }],
  });
  return { app, remove: () => rmSync(app, { recursive: true, force: true }) };
}
