// Reads host.json and local.settings.json.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from './app/load-app.ts';
import { StartError } from './start-error.ts';

export interface ServiceBusSettings {
  /** How many messages a function without sessions may work on at the same time. */
  readonly maxConcurrentCalls: number;
  readonly maxConcurrentSessions: number;
  readonly maxMessageBatchSize: number;
  readonly autoCompleteMessages: boolean;
  /** In milliseconds, as are all durations here. */
  readonly maxAutoLockRenewalDuration: number;
  /** How long the host keeps a session without messages before it takes another session. */
  readonly sessionIdleTimeout: number;
}

export interface HostSettings {
  readonly routePrefix: string;
  readonly taskHub: string;
  readonly maxConcurrentActivities: number;
  /** How long a function may run. Infinity means without a limit. */
  readonly functionTimeout: number;
  readonly serviceBus: ServiceBusSettings;
  /** Settings of host.json that this host does not support. */
  readonly ignored: readonly string[];
}

interface HostJson {
  readonly functionTimeout?: unknown;
  readonly extensions?: {
    readonly http?: { readonly routePrefix?: string };
    readonly durableTask?: { readonly hubName?: string; readonly maxConcurrentActivityFunctions?: number };
    readonly serviceBus?: Readonly<Record<string, unknown>>;
  };
}

/** Azure's default outside the Consumption plan. */
const DEFAULT_FUNCTION_TIMEOUT_MS = 30 * 60_000;
const SERVICE_BUS_DEFAULTS = {
  maxConcurrentCalls: 16,
  maxConcurrentSessions: 8,
  maxMessageBatchSize: 1000,
  autoCompleteMessages: true,
  maxAutoLockRenewalDuration: '00:05:00',
  sessionIdleTimeout: '00:01:00',
};

export function readHostSettings(appDir: string): HostSettings {
  const file = join(appDir, 'host.json');
  const { extensions, functionTimeout } = existsSync(file) ? (readJson(file) as HostJson) : {};
  const serviceBus = extensions?.serviceBus ?? {};
  return {
    routePrefix: (extensions?.http?.routePrefix ?? 'api').replaceAll(/^\/|\/$/g, ''),
    taskHub: extensions?.durableTask?.hubName ?? 'SimulatorHub',
    maxConcurrentActivities: extensions?.durableTask?.maxConcurrentActivityFunctions ?? 64,
    functionTimeout:
      functionTimeout === '-1'
        ? Infinity
        : functionTimeout === undefined
          ? DEFAULT_FUNCTION_TIMEOUT_MS
          : parseDuration('functionTimeout', functionTimeout),
    serviceBus: readServiceBus({ ...SERVICE_BUS_DEFAULTS, ...serviceBus }),
    ignored: Object.keys(serviceBus)
      .filter((name) => !(name in SERVICE_BUS_DEFAULTS))
      .map((name) => `extensions.serviceBus.${name}`),
  };
}

function readServiceBus(
  values: Readonly<Record<keyof typeof SERVICE_BUS_DEFAULTS, unknown>>,
): ServiceBusSettings {
  const settingPath = (name: string) => `extensions.serviceBus.${name}`;
  const count = (name: 'maxConcurrentCalls' | 'maxConcurrentSessions' | 'maxMessageBatchSize'): number => {
    const value = values[name];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1)
      throw new StartError(`host.json: "${settingPath(name)}" must be a whole number above 0.`);
    return value;
  };
  if (typeof values.autoCompleteMessages !== 'boolean')
    throw new StartError(`host.json: "${settingPath('autoCompleteMessages')}" must be true or false.`);
  return {
    maxConcurrentCalls: count('maxConcurrentCalls'),
    maxConcurrentSessions: count('maxConcurrentSessions'),
    maxMessageBatchSize: count('maxMessageBatchSize'),
    autoCompleteMessages: values.autoCompleteMessages,
    maxAutoLockRenewalDuration: parseDuration(
      settingPath('maxAutoLockRenewalDuration'),
      values.maxAutoLockRenewalDuration,
    ),
    sessionIdleTimeout: parseDuration(settingPath('sessionIdleTimeout'), values.sessionIdleTimeout),
  };
}

/** Parses `[days.]hours:minutes:seconds[.fraction]`, the .NET format of a TimeSpan. */
function parseDuration(name: string, value: unknown): number {
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] =
    /^(?:(\d+)\.)?(\d{1,2}):(\d{1,2}):(\d{1,2}(?:\.\d{1,7})?)$/.exec(String(value)) ?? [];
  const length = (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  if (length === 0)
    throw new StartError(`host.json: "${name}" must be a time span such as "00:05:00", and above zero.`);
  return length;
}

/** In bytes. Azure's own default is 100 MB. */
const BODY_LIMIT_SETTING = 'FUNCTIONS_REQUEST_BODY_SIZE_LIMIT';
const DEFAULT_BODY_LIMIT = 104_857_600;

export function readBodyLimit(environment: NodeJS.ProcessEnv): number {
  const value = environment[BODY_LIMIT_SETTING];
  if (value === undefined) return DEFAULT_BODY_LIMIT;
  if (!/^[1-9]\d{0,9}$/.test(value))
    throw new StartError(`The setting "${BODY_LIMIT_SETTING}" must be a number of bytes, above 0.`);
  return Number(value);
}

/** App settings are environment variables. An existing variable overrides the file. */
export function applyLocalSettings(appDir: string, environment: NodeJS.ProcessEnv): void {
  const file = join(appDir, 'local.settings.json');
  if (!existsSync(file)) return;
  const { IsEncrypted: encrypted = false, Values: values = {} } = readJson(file) as {
    IsEncrypted?: boolean;
    Values?: Record<string, unknown>;
  };
  if (encrypted) throw new StartError(`${file} is encrypted: decrypt it with "func settings decrypt".`);
  for (const [name, value] of Object.entries(values)) {
    if (!['string', 'number', 'boolean'].includes(typeof value))
      throw new StartError(`${file}: the setting "${name}" must be a text.`);
    environment[name] ??= String(value);
  }
}
