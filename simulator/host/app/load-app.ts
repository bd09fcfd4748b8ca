// Loads the built app as Azure's Node worker does. `main` of package.json is a glob, and this
// module imports every matching file.

import { existsSync, globSync, readFileSync } from 'node:fs';
import Module from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf, type Log } from '../log.ts';
import { StartError } from '../start-error.ts';
import { CoreApi, type ProgrammingModel, type RegisteredFunction } from './core-api.ts';

/** A loaded app: its folder, its functions and the library's programming model. */
export interface App {
  readonly directory: string;
  readonly core: CoreApi;
  readonly model: ProgrammingModel;
  readonly functions: readonly RegisteredFunction[];
}

/** Loads the app. A process can load one app only: the app's library looks for its host once. */
export async function loadApp(appDir: string, log: Log): Promise<App> {
  const directory = resolve(appDir);
  const files = entryFiles(directory);
  const core = new CoreApi(log);
  provideCoreModule(core);
  for (const file of files) {
    try {
      await import(pathToFileURL(file).href);
    } catch (error) {
      throw new StartError(`The app failed while ${file} was loaded: ${messageOf(error)}`, { cause: error });
    }
  }
  return await finishLoading(directory, core);
}

/**
 * Runs the appStart hooks and returns the app. Call this function after the app's modules have
 * loaded.
 */
export async function finishLoading(directory: string, core: CoreApi): Promise<App> {
  const model = core.model;
  await core.hooks.runAppHook('appStart', directory);
  const { HttpUri: streams } = await model.getCapabilities({});
  // With streams, the library would wait for each request at its own server, for ever.
  if (streams !== undefined)
    throw new StartError(
      'The app asks for HTTP streaming (enableHttpStream), which this host does not have.',
    );
  core.close();
  return { directory, core, model, functions: [...core.functions.values()] };
}

function entryFiles(directory: string): string[] {
  const packageFile = join(directory, 'package.json');
  if (!existsSync(packageFile)) throw new StartError(`No app in ${directory}: it has no package.json.`);
  const main = (readJson(packageFile) as { main?: unknown }).main;
  if (typeof main !== 'string') throw new StartError(`${packageFile} has no "main".`);
  const files = globSync(main, { cwd: directory })
    .map((file) => join(directory, file))
    .sort();
  if (files.length === 0)
    throw new StartError(`No file matches "main": "${main}" in ${directory}. Has the app been built?`);
  return files;
}

export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new StartError(`${file} cannot be read as JSON: ${messageOf(error)}`, { cause: error });
  }
}

function provideCoreModule(core: CoreApi): void {
  const answer = core.module();
  const prototype = Module.prototype as unknown as { require: (this: unknown, specifier: string) => unknown };
  const original = prototype.require;
  prototype.require = function (specifier) {
    return specifier === '@azure/functions-core' ? answer : original.call(this, specifier);
  };
}
