// Loads the built app as Azure's Node worker does. `main` of package.json is a glob, and this
// module imports every matching file.

import { existsSync, globSync, readFileSync } from 'node:fs';
import Module from 'node:module';
import { Server } from 'node:net';
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
  /** The app's own HTTP server, when the app asked for HTTP streaming. */
  readonly streamUrl: string | undefined;
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
  const { HttpUri: streamUrl } = await listeningOnLoopback(() => model.getCapabilities({}));
  core.close();
  return { directory, core, model, functions: [...core.functions.values()], streamUrl };
}

/**
 * Runs `work`. A server that opens meanwhile listens only on 127.0.0.1. The library of an app with
 * HTTP streaming opens a server on all addresses of the machine.
 */
async function listeningOnLoopback<T>(work: () => Promise<T>): Promise<T> {
  const prototype = Server.prototype as { listen: (this: Server, ...args: unknown[]) => Server };
  const original = prototype.listen;
  prototype.listen = function (...args) {
    const [port, ...rest] = typeof args[0] === 'function' ? [0, ...args] : args;
    return original.call(this, port, '127.0.0.1', ...rest);
  };
  try {
    return await work();
  } finally {
    prototype.listen = original;
  }
}

function entryFiles(directory: string): string[] {
  const packageFile = join(directory, 'package.json');
  if (!existsSync(packageFile)) throw new StartError(`No app in ${directory}: it has no package.json.`);
  const main = (readJson(packageFile) as { main?: unknown }).main;
  if (typeof main !== 'string') throw new StartError(`${packageFile} has no "main".`);
  // In the order of the glob, as in Azure: of `{index.js,functions/*.js}`, index.js loads first.
  const files = globSync(main, { cwd: directory }).map((file) => join(directory, file));
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
