// The app as often as it is begun: built once into one script, which each life runs anew, so that
// nothing in memory outlives the life before. The SDKs are shared, as far as they are classes; what
// the app makes of them is its own.
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { readFileSync } from 'node:fs';
import { Script } from 'node:vm';
import { build, type Plugin } from 'esbuild';
import { CoreApi, type Callback, type FunctionMetadata } from '../../../simulator/host/app/core-api.ts';
import { begun, type App } from '../../../simulator/host/app/load-app.ts';
import type { Log } from '../../../simulator/host/log.ts';
import { mutate, type Mutation } from '../../support/mutant.ts';
import type { Life } from './life.ts';

export const ROOT = resolve(import.meta.dirname, '..', '..', '..');
const SHARED = [
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
const CORE = '@azure/functions-core';

/** Timers that have nothing to do with any job that is played. */
const LEFT_OUT: ReadonlySet<string> = new Set(['alarms', 'alerts', 'importPlans', 'schedules']);

type Begin = (require: (specifier: string) => unknown, module: { exports: object }, exports: object) => void;

export interface BuiltApp {
  /** The app's functions, on behalf of this life. */
  load(life: Life, log: Log): Promise<App>;
}

export async function buildOnce(mutation?: Mutation): Promise<BuiltApp> {
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
    external: [CORE, ...SHARED],
    supported: { 'dynamic-import': false },
    plugins: mutation ? [mutating(mutation)] : [],
  });
  const [file] = outputFiles;
  if (!file) throw new Error('The app was not built.');
  const script = new Script(`(function (require, module, exports) {${file.text}\n})`, {
    filename: join(ROOT, 'app-in-this-process.cjs'),
  });
  const requireShared = createRequire(join(ROOT, 'package.json'));
  return {
    async load(life, log) {
      const core = new CoreApi(log);
      const answer = onBehalfOf(life, core);
      const module = { exports: {} };
      (script.runInThisContext() as Begin)(
        (specifier) => (specifier === CORE ? answer : requireShared(specifier)),
        module,
        module.exports,
      );
      const app = await begun(ROOT, core);
      return { ...app, functions: app.functions.filter(({ metadata }) => !LEFT_OUT.has(metadata.name)) };
    },
  };
}

/** What the host sees of the app's library, which runs each function on behalf of its life. */
function onBehalfOf(life: Life, core: CoreApi): Record<string, unknown> {
  const seen = core.module();
  const register = seen['registerFunction'] as (metadata: FunctionMetadata, callback: Callback) => unknown;
  return {
    ...seen,
    registerFunction: (metadata: FunctionMetadata, callback: Callback) =>
      register(metadata, (...inputs) =>
        life.run(metadata.name, () => (life.over ? new Promise(() => undefined) : callback(...inputs))),
      ),
  };
}

/** Throws when the guard is not found exactly once. */
function mutating(mutation: Mutation): Plugin {
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
