// Builds the .NET process around Microsoft's Durable extension. NuGet keeps the packages in the
// user's own cache.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { StartError } from '../start-error.ts';
import { dotnetVersion, DOTNET_ENVIRONMENT } from './dotnet.ts';

const SOURCE_FOLDER = join(import.meta.dirname, 'extension');
/** Git ignores this folder. */
const BUILDS_FOLDER = join(import.meta.dirname, '..', '..', 'dist', 'durable-extension');

const run = promisify(execFile);

/** Builds the extension unless a build exists. Returns the file for `dotnet`. */
export async function buildExtension(): Promise<string> {
  const version = dotnetVersion();
  if (version === undefined)
    throw new StartError(
      'The real Durable engine is a .NET program, and this machine has no `dotnet`. Install the .NET SDK.',
    );
  const built = join(BUILDS_FOLDER, sourceHash(version));
  const file = join(built, 'DurableExtension.dll');
  if (!existsSync(file)) await build(version, built);
  return file;
}

/**
 * Another process may build at the same time. Each process builds in its own folder, and the first
 * finished build stays.
 */
async function build(version: string, target: string): Promise<void> {
  mkdirSync(BUILDS_FOLDER, { recursive: true });
  const work = mkdtempSync(join(BUILDS_FOLDER, 'work-'));
  const output = join(work, 'output');
  try {
    await run(
      'dotnet',
      [
        'build',
        join(SOURCE_FOLDER, 'DurableExtension.csproj'),
        ...['--configuration', 'Release', '--output', output, '--verbosity', 'quiet', '-nologo'],
        `-p:TargetFramework=net${version}.0`,
        `-p:BaseIntermediateOutputPath=${join(work, 'obj')}/`,
        // No compiler or build node keeps running after the build.
        ...['-nodeReuse:false', '-p:UseSharedCompilation=false'],
      ],
      { env: { ...process.env, ...DOTNET_ENVIRONMENT } },
    );
    if (!existsSync(target)) renameSync(output, target);
  } catch (error) {
    const { stdout = '', message } = error as Error & { stdout?: string };
    const errors = new Set(stdout.split('\n').filter((line) => line.includes(': error ')));
    throw new StartError(`The Durable extension could not be built. ${[...errors].join('\n') || message}`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function sourceHash(version: string): string {
  const hash = createHash('sha256').update(version);
  for (const file of readdirSync(SOURCE_FOLDER).sort()) hash.update(readFileSync(join(SOURCE_FOLDER, file)));
  return hash.digest('hex').slice(0, 16);
}
