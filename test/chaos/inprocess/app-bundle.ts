// The app code for each new instance. The test builds one script once, and each instance runs the
// script anew, so no memory outlives an instance. All instances share the classes of the SDKs, but
// each instance has its own objects.
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { readFileSync } from 'node:fs';
import { Script } from 'node:vm';
import { build, type Plugin } from 'esbuild';
import { CoreApi, type Callback, type FunctionMetadata } from '../../../simulator/host/app/core-api.ts';
import { finishLoading, type App } from '../../../simulator/host/app/load-app.ts';
import type { Log } from '../../../simulator/host/log.ts';
import { mutate, type Mutation } from '../../support/mutant.ts';
import type { AppInstance } from './app-instance.ts';

export const ROOT = resolve(import.meta.dirname, '..', '..', '..');
const SHARED_PACKAGES = [
  '@azure/cosmos',
  '@azure/identity',
  '@azure/arm-*',
  '@azure/service-bus',
  'jose',
  'zod',
  'axios',
  'moment',
  'uuid',
  'debug',
  'validator',
  'lodash',
  '@opentelemetry/api',
];
const CORE_PACKAGE = '@azure/functions-core';

/** Timers without a connection to the played jobs. */
const EXCLUDED_FUNCTIONS: ReadonlySet<string> = new Set(['alarms', 'alerts', 'importPlans', 'schedules']);

type ScriptFunction = (
  require: (specifier: string) => unknown,
  module: { exports: object },
  exports: object,
) => void;

export interface AppBundle {
  /** Loads the app's functions on behalf of this instance. */
  load(life: AppInstance, log: Log): Promise<App>;
}

export async function bundleApp(mutation?: Mutation): Promise<AppBundle> {
  const { outputFiles } = await build({
    write: false,
    absWorkingDir: ROOT,
    entryPoints: ['functions/main.ts'],
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    keepNames: true,
    logLevel: 'warning',
    external: [CORE_PACKAGE, ...SHARED_PACKAGES],
    supported: { 'dynamic-import': false },
    plugins: mutation ? [mutationPlugin(mutation)] : [],
  });
  const [file] = outputFiles;
  if (!file) throw new Error('The build of the app is missing.');
  const script = new Script(`(function (require, module, exports) {${file.text}\n})`, {
    filename: join(ROOT, 'app-in-this-process.cjs'),
  });
  const requireShared = createRequire(join(ROOT, 'package.json'));
  return {
    async load(life, log) {
      const core = new CoreApi(log);
      const wrappedCore = wrapFunctions(life, core);
      const module = { exports: {} };
      (script.runInThisContext() as ScriptFunction)(
        (specifier) => (specifier === CORE_PACKAGE ? wrappedCore : requireShared(specifier)),
        module,
        module.exports,
      );
      const app = await finishLoading(ROOT, core);
      return {
        ...app,
        functions: app.functions.filter(({ metadata }) => !EXCLUDED_FUNCTIONS.has(metadata.name)),
      };
    },
  };
}

/** The app's library as the host sees it. It runs each function on behalf of its instance. */
function wrapFunctions(life: AppInstance, core: CoreApi): Record<string, unknown> {
  const coreModule = core.module();
  const register = coreModule['registerFunction'] as (
    metadata: FunctionMetadata,
    callback: Callback,
  ) => unknown;
  return {
    ...coreModule,
    registerFunction: (metadata: FunctionMetadata, callback: Callback) =>
      register(metadata, (...inputs) =>
        life.run(metadata.name, () => (life.isEnded ? new Promise(() => undefined) : callback(...inputs))),
      ),
  };
}

/** Throws unless the source contains the guard exactly once. */
function mutationPlugin(mutation: Mutation): Plugin {
  const contents = mutate(readFileSync(join(ROOT, mutation.file), 'utf8'), mutation);
  return {
    name: 'mutation',
    setup: (building) =>
      building.onLoad({ filter: new RegExp(`${mutation.file.replaceAll('.', '\\.')}$`) }, () => ({
        contents,
        loader: 'ts',
      })),
  };
}
