// What host.json and local.settings.json say.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from './app/load-app.ts';

export interface HostSettings {
  readonly routePrefix: string;
  readonly taskHub: string;
  readonly maxConcurrentActivities: number;
}

interface HostJson {
  readonly extensions?: {
    readonly http?: { readonly routePrefix?: string };
    readonly durableTask?: { readonly hubName?: string; readonly maxConcurrentActivityFunctions?: number };
  };
}

export function readHostSettings(appDir: string): HostSettings {
  const file = join(appDir, 'host.json');
  const { extensions } = existsSync(file) ? (readJson(file) as HostJson) : {};
  return {
    routePrefix: (extensions?.http?.routePrefix ?? 'api').replaceAll(/^\/|\/$/g, ''),
    taskHub: extensions?.durableTask?.hubName ?? 'DeskHub',
    maxConcurrentActivities: extensions?.durableTask?.maxConcurrentActivityFunctions ?? 64,
  };
}

/** App settings are environment variables; what is set already wins over the file. */
export function applyLocalSettings(appDir: string, environment: NodeJS.ProcessEnv): void {
  const file = join(appDir, 'local.settings.json');
  if (!existsSync(file)) return;
  const { Values: values = {} } = readJson(file) as { Values?: Record<string, unknown> };
  for (const [name, value] of Object.entries(values)) environment[name] ??= String(value);
}
