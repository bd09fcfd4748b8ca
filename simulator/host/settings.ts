// Reads host.json and local.settings.json.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expandSettings } from './app/app-setting.ts';
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

export interface DurableSettings {
  readonly taskHub: string;
  readonly maxConcurrentActivities: number;
  /** The name of the setting with the connection of the storage provider. */
  readonly connectionName: string;
  /** The largest input, output or event, in bytes. */
  readonly maxPayloadBytes: number;
}

export interface HostSettings {
  readonly routePrefix: string;
  readonly durable: DurableSettings;
  /** How long a function may run. Infinity means without a limit. */
  readonly functionTimeout: number;
  readonly serviceBus: ServiceBusSettings;
  /** Settings of host.json that this host does not support. */
  readonly ignored: readonly string[];
}

interface DurableTaskJson {
  readonly hubName?: string;
  readonly maxConcurrentActivityFunctions?: number;
  readonly storageProvider?: {
    readonly type?: string;
    readonly connectionName?: string;
    readonly connectionStringName?: string;
  };
}

interface HostJson {
  readonly functionTimeout?: unknown;
  readonly extensions?: {
    readonly http?: { readonly routePrefix?: string };
    readonly durableTask?: DurableTaskJson;
    readonly serviceBus?: Readonly<Record<string, unknown>>;
  };
}

/** Azure's default outside the Consumption plan. */
const DEFAULT_FUNCTION_TIMEOUT_MS = 30 * 60_000;
/**
 * The limit of Azure's Durable Task Scheduler for one message. Azure Storage has none: the extension
 * moves large messages to blobs.
 */
const MAX_SCHEDULER_PAYLOAD_BYTES = 1024 * 1024;
const SERVICE_BUS_DEFAULTS = {
  maxConcurrentCalls: 16,
  maxConcurrentSessions: 8,
  maxMessageBatchSize: 1000,
  autoCompleteMessages: true,
  maxAutoLockRenewalDuration: '00:05:00',
  sessionIdleTimeout: '00:01:00',
};

/** The settings of host.json that this host follows, except for Service Bus. */
const FOLLOWED_SETTINGS = [
  'functionTimeout',
  'extensions.http.routePrefix',
  'extensions.durableTask.hubName',
  'extensions.durableTask.maxConcurrentActivityFunctions',
  'extensions.durableTask.storageProvider.type',
  'extensions.durableTask.storageProvider.connectionName',
  'extensions.durableTask.storageProvider.connectionStringName',
  ...Object.keys(SERVICE_BUS_DEFAULTS).map((name) => `extensions.serviceBus.${name}`),
];
/** Settings for the log and for installation. An app cannot see their effect. */
const INVISIBLE_SETTINGS = [
  'version',
  'logging',
  'telemetryMode',
  'extensionBundle',
  'extensions.durableTask.tracing',
];

/** Reads host.json. Names of settings in it need the app settings: read those first. */
export function readHostSettings(appDir: string): HostSettings {
  const file = join(appDir, 'host.json');
  const hostJson = existsSync(file) ? (readJson(file) as HostJson) : {};
  const { extensions, functionTimeout } = hostJson;
  return {
    routePrefix: (extensions?.http?.routePrefix ?? 'api').replaceAll(/^\/|\/$/g, ''),
    durable: readDurable(extensions?.durableTask ?? {}),
    functionTimeout:
      functionTimeout === '-1'
        ? Infinity
        : functionTimeout === undefined
          ? DEFAULT_FUNCTION_TIMEOUT_MS
          : parseDuration('functionTimeout', functionTimeout),
    serviceBus: readServiceBus({ ...SERVICE_BUS_DEFAULTS, ...extensions?.serviceBus }),
    ignored: ignoredSettings(hostJson),
  };
}

function readDurable({
  hubName = 'SimulatorHub',
  maxConcurrentActivityFunctions = 64,
  storageProvider = {},
}: DurableTaskJson): DurableSettings {
  const { type, connectionName, connectionStringName } = storageProvider;
  return {
    taskHub: expandSettings(hubName, 'host.json: "extensions.durableTask.hubName"'),
    maxConcurrentActivities: maxConcurrentActivityFunctions,
    connectionName: connectionStringName ?? connectionName ?? 'Storage',
    maxPayloadBytes: /^AzureStorage$/i.test(type ?? '') ? Infinity : MAX_SCHEDULER_PAYLOAD_BYTES,
  };
}

/** Returns the paths of the settings without an effect on this host. */
function ignoredSettings(value: object, parent = ''): string[] {
  return Object.entries(value).flatMap(([name, child]: [string, unknown]) => {
    const path = parent + name;
    if (FOLLOWED_SETTINGS.includes(path) || INVISIBLE_SETTINGS.includes(path)) return [];
    const isSection = FOLLOWED_SETTINGS.some((setting) => setting.startsWith(`${path}.`));
    return isSection && typeof child === 'object' && child !== null
      ? ignoredSettings(child, `${path}.`)
      : [path];
  });
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
