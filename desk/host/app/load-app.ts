// Loads the built app as Azure's Node worker does: `main` of its package.json is a glob, and every file it names is imported.

import { existsSync, globSync, readFileSync } from 'node:fs';
import Module from 'node:module';
import { Server } from 'node:net';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf, type Log } from '../log.ts';
import { StartError } from '../start-error.ts';
import { CoreApi, type ProgrammingModel, type RegisteredFunction } from './core-api.ts';

export interface App {
  readonly directory: string;
  readonly core: CoreApi;
  readonly model: ProgrammingModel;
  readonly functions: readonly RegisteredFunction[];
  /** Where requests for its functions are to be sent, when it has asked for HTTP streaming. */
  readonly httpUri: string | undefined;
}

/** One app a process: the library in it asks for its host once and keeps the answer. */
export async function loadApp(appDir: string, log: Log): Promise<App> {
  const directory = resolve(appDir);
  const files = entryFiles(directory);
  const core = new CoreApi(log);
  answerCoreRequests(core);
  for (const file of files) {
    try {
      await import(pathToFileURL(file).href);
    } catch (error) {
      throw new StartError(`The app failed while ${file} was loaded: ${messageOf(error)}`, { cause: error });
    }
  }
  return await begun(directory, core);
}

/** The app, once all that registers its functions has run. */
export async function begun(directory: string, core: CoreApi): Promise<App> {
  const model = core.model;
  await core.hooks.runLife('appStart', directory);
  const { HttpUri: httpUri } = await onLoopback(() => model.getCapabilities({}));
  core.close();
  return { directory, core, model, functions: [...core.functions.values()], httpUri };
}

/** An app that streams opens a server of its own on every address of the machine, for a host beside it in a container. Here nothing listens but on the loopback. */
async function onLoopback<T>(work: () => Promise<T>): Promise<T> {
  const prototype = Server.prototype as { listen: (this: Server, ...args: unknown[]) => Server };
  const original = prototype.listen;
  prototype.listen = function (...args) {
    const [first, ...rest] = args;
    if (typeof first === 'function') return original.call(this, 0, '127.0.0.1', first);
    return typeof first === 'number' && typeof rest[0] !== 'string' ? original.call(this, first, '127.0.0.1', ...rest) : original.apply(this, args);
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
  const files = globSync(main, { cwd: directory }).map((file) => join(directory, file)).sort();
  if (files.length === 0) throw new StartError(`No file matches "main": "${main}" in ${directory}. Has the app been built?`);
  return files;
}

export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new StartError(`${file} cannot be read as JSON: ${messageOf(error)}`, { cause: error });
  }
}

function answerCoreRequests(core: CoreApi): void {
  const answer = core.module();
  const prototype = Module.prototype as unknown as { require: (this: unknown, specifier: string) => unknown };
  const original = prototype.require;
  prototype.require = function (specifier) {
    return specifier === '@azure/functions-core' ? answer : original.call(this, specifier);
  };
}
