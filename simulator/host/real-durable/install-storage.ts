// Installs Azurite, the storage of the Durable extension, at the first start of the real engine.
// Azurite has its own package.json: `npm ci` at the root would install its 277 packages for
// everybody.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { StartError } from '../start-error.ts';

const FILES = ['package.json', 'package-lock.json'] as const;
const SOURCE = join(import.meta.dirname, 'storage');
/** Git ignores this folder. */
const INSTALLED = join(import.meta.dirname, '..', '..', 'dist', 'durable-storage');

const run = promisify(execFile);

const hashOfFiles = (): string => {
  const hash = createHash('sha256');
  for (const file of FILES) hash.update(readFileSync(join(SOURCE, file)));
  return hash.digest('hex').slice(0, 16);
};

const folder = (): string => join(INSTALLED, hashOfFiles());

/** Returns the main module of Azurite. Call `installStorage` first. */
export const storageModule = (): string =>
  join(folder(), 'node_modules', 'azurite', 'dist', 'src', 'azurite.js');

/** Installs Azurite unless the same versions are already there. */
export async function installStorage(): Promise<void> {
  if (existsSync(storageModule())) return;
  mkdirSync(INSTALLED, { recursive: true });
  // Another process may install at the same time. Each process has its own folder, and the first
  // one to finish gives its folder the final name.
  const work = mkdtempSync(join(INSTALLED, 'work-'));
  try {
    for (const file of FILES) copyFileSync(join(SOURCE, file), join(work, file));
    await run('npm', ['ci', '--omit=dev', '--no-audit', '--no-fund'], { cwd: work, maxBuffer: 2 ** 24 });
    if (!existsSync(folder())) renameSync(work, folder());
  } catch (error) {
    throw new StartError(`Azurite could not be installed with npm. ${(error as Error).message}`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
