// Reads and checks the settings of the app once. A wrong setting raises SettingsInvalid, which
// names the setting. The app start and every reader of a setting call this file.
import * as z from 'zod';
import agreement from '../../infra/agreement.json' with { type: 'json' };
import { Role } from './role.ts';
import { parseAllowedAddress } from './allowedAddresses.ts';
import { ErrorKind, LifeboatError } from './errors.ts';
import { issueSentence } from './issueSentence.ts';

const defaults = agreement.settings.optional;
const text = z.string().trim().min(1);
/** An address without a slash at its end, because callers append paths. */
const url = z
  .url({ protocol: /^https?$/, error: 'must be an address that begins with https:// or http://' })
  .transform((address) => address.replace(/\/+$/, ''));
/** The minimum length of a key. */
const MIN_KEY_BYTES = 24;

/**
 * A number in plain digits, within bounds. A wrong number would only show its effect during a
 * disaster.
 */
function numberSetting(name: keyof typeof defaults, min: number, max: number) {
  return z
    .string()
    .trim()
    .regex(/^\d+(\.\d+)?$/, `must be a number from ${min} to ${max}, such as ${defaults[name]}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be from ${min} to ${max}`)
    .default(Number(defaults[name]));
}

const Vault = z
  .string()
  .regex(
    /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.RecoveryServices\/vaults\/[^/]+$/i,
    'must be the ARM id of a Recovery Services vault',
  );

const splitList = (list: string): readonly string[] =>
  list
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

/**
 * A list of `host[:port]`, separated by commas. The protocol is https unless the entry begins with
 * `http://`. The address is public unless the entry ends with `private`.
 */
const AllowedAddresses = z.string().transform((list, context) =>
  splitList(list).flatMap((text, at) => {
    const entry = parseAllowedAddress(text);
    // An address may contain a secret: the message gives only the position of the entry.
    if (!entry)
      context.addIssue({
        code: 'custom',
        message:
          `entry ${at + 1} must be like hooks.example.com, *.example.com:8443 or ` +
          'http://10.0.0.4:8080 private',
      });
    return entry ?? [];
  }),
);

const KEY_VAULT_REFERENCE = '@Microsoft.KeyVault(';

/** A list of `id=secret`, separated by commas. The error message never contains any of its text. */
const keyList = (id: string, prefix: string, example: string) =>
  z.string().transform((list, context): ReadonlyMap<string, Buffer> => {
    // Azure could not resolve a Key Vault reference when the setting still contains its text. The
    // list then has no keys, and the code that needs a key reports the fault.
    if (list.startsWith(KEY_VAULT_REFERENCE)) return new Map();
    const pattern = new RegExp(`^(${id})=${prefix}([A-Za-z0-9+/]+={0,2})$`);
    const entries = splitList(list).map((text) => pattern.exec(text));
    const keys = new Map(entries.map((entry) => [entry?.[1] ?? '', Buffer.from(entry?.[2] ?? '', 'base64')]));
    if (entries.includes(null))
      context.addIssue({ code: 'custom', message: `must be a list like ${example}` });
    else if (keys.size < entries.length) context.addIssue({ code: 'custom', message: 'names a key twice' });
    else if ([...keys.values()].some((key) => key.length < MIN_KEY_BYTES))
      context.addIssue({ code: 'custom', message: `holds a key of fewer than ${MIN_KEY_BYTES} bytes` });
    return keys;
  });
/** Secrets in the format of Standard Webhooks, which receivers' libraries accept. */
const CallbackKeys = keyList('[\\w.-]+', 'whsec_', 'k2=whsec_<base64>,k1=whsec_<base64>');
/**
 * All keys of one sender begin with the sender's name and a slash. A name without a slash is a
 * sender with one key.
 */
const AlertKeys = keyList(
  '[\\w.-]+(?:/[\\w.-]+)?',
  '',
  'k2=<base64>,k1=<base64> or sender/2=<base64>,sender/1=<base64>',
);

/**
 * A queue has one sender, because Service Bus decides which identity may send to the queue. This
 * setting maps the queue to the caller that Lifeboat sees.
 */
const CommandQueue = z.strictObject({
  queue: z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,49}$/, 'must be letters, digits and hyphens'),
  /**
   * The object id of the sender in Entra ID, as in the sender's tokens. The caller and its
   * idempotency keys are then the same as on the REST route.
   */
  callerId: z.guid(),
  name: text.max(200),
  /** Default: Lifeboat's own tenant. */
  tenant: z.guid().optional(),
  role: z.enum(Role),
});
/** One Service Bus queue with commands, and the caller that sends to it. */
export type CommandQueue = z.infer<typeof CommandQueue>;

/** The queues as a JSON array. */
const CommandQueues = z
  .string()
  .transform((list, context): unknown => {
    try {
      return JSON.parse(list);
    } catch {
      context.addIssue({
        code: 'custom',
        message:
          'is not JSON; it must be a list like [{"queue":"dr-commands","callerId":"<object ' +
          'id>","name":"ticketing","role":"Operator"}]',
      });
      return [];
    }
  })
  .pipe(
    z
      .array(CommandQueue)
      .max(100)
      .refine(
        (queues) => new Set(queues.map(({ queue }) => queue.toLowerCase())).size === queues.length,
        'names a queue twice',
      ),
  );

const MINUTES_PER_DAY = 24 * 60;

const Settings = z.object({
  LIFEBOAT_COSMOS_ENDPOINT: url,
  LIFEBOAT_COSMOS_DATABASE: text.default(defaults.LIFEBOAT_COSMOS_DATABASE),
  LIFEBOAT_ARM_ENDPOINT: url.default(defaults.LIFEBOAT_ARM_ENDPOINT),
  LIFEBOAT_AUTHORITY: url.default(defaults.LIFEBOAT_AUTHORITY),
  LIFEBOAT_TENANT_ID: z.guid('must be the id of the tenant, a GUID'),
  /** The client id, and the identifier URI: an action group requests its token for the URI. */
  LIFEBOAT_AUDIENCE: text.transform(splitList).pipe(z.array(text).min(1, 'names no audience')),
  LIFEBOAT_VAULTS: text.transform(splitList).pipe(z.array(Vault).min(1, 'names no vault')),
  LIFEBOAT_REGION: z
    .string()
    .regex(/^[a-z0-9]{3,40}$/, "must be a region's short name")
    .optional(),
  LIFEBOAT_CLOCK_URL: url.optional(),
  LIFEBOAT_SERVICEBUS: z
    .string()
    .regex(
      /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/i,
      'must be the host name of a namespace, such as name.servicebus.windows.net',
    )
    .optional(),
  LIFEBOAT_QUEUES: CommandQueues.default([]),
  LIFEBOAT_QUEUE_PAUSE_SECONDS: numberSetting('LIFEBOAT_QUEUE_PAUSE_SECONDS', 0.01, 60),
  LIFEBOAT_CALLBACKS: AllowedAddresses.default([]),
  LIFEBOAT_CALLBACK_KEYS: CallbackKeys.default(new Map()),
  LIFEBOAT_ALERT_KEYS: AlertKeys.default(new Map()),
  LIFEBOAT_ADDRESS: url.optional(),
  LIFEBOAT_ALERT_SKEW_SECONDS: numberSetting('LIFEBOAT_ALERT_SKEW_SECONDS', 1, 3600),
  LIFEBOAT_ALERT_STALE_MINUTES: numberSetting('LIFEBOAT_ALERT_STALE_MINUTES', 1, 30 * MINUTES_PER_DAY),
  LIFEBOAT_GRANT_DAYS: numberSetting('LIFEBOAT_GRANT_DAYS', 1, 3650),
  LIFEBOAT_CHECK_DAYS: numberSetting('LIFEBOAT_CHECK_DAYS', 1, 3650),
  LIFEBOAT_REMIND_MINUTES: numberSetting('LIFEBOAT_REMIND_MINUTES', 1, 7 * MINUTES_PER_DAY),
  LIFEBOAT_TEST_STANDS_HOURS: numberSetting('LIFEBOAT_TEST_STANDS_HOURS', 0.1, 90 * 24),
  LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: numberSetting('LIFEBOAT_CALLBACK_TIMEOUT_SECONDS', 0.1, 120),
  LIFEBOAT_DELIVERY_GIVE_UP_HOURS: numberSetting('LIFEBOAT_DELIVERY_GIVE_UP_HOURS', 0.01, 30 * 24),
  LIFEBOAT_SEND_TIMEOUT_SECONDS: numberSetting('LIFEBOAT_SEND_TIMEOUT_SECONDS', 0.1, 300),
  LIFEBOAT_PROOF_SECONDS: numberSetting('LIFEBOAT_PROOF_SECONDS', 60, 3600),
  LIFEBOAT_WRITES_BURST: numberSetting('LIFEBOAT_WRITES_BURST', 2, 100_000),
  LIFEBOAT_WRITES_PER_SECOND: numberSetting('LIFEBOAT_WRITES_PER_SECOND', 0.01, 10_000),
  LIFEBOAT_CALLS_BURST: numberSetting('LIFEBOAT_CALLS_BURST', 1, 1_000_000),
  LIFEBOAT_CALLS_PER_SECOND: numberSetting('LIFEBOAT_CALLS_PER_SECOND', 0.1, 1_000_000),
});

/** The settings of the app after parsing. */
export type Settings = z.infer<typeof Settings>;
/** The names of all settings of the app. */
export const SETTING_NAMES = Object.keys(Settings.shape) as readonly (keyof Settings)[];

type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

/** Parses the settings, or throws SettingsInvalid with every wrong setting by name. */
export function parseSettings(environment: EnvironmentVariables): Settings {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim() !== ''));
  const parsed = Settings.safeParse(present, { error: issueSentence });
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => {
    const [name = '', ...inside] = path.map(String);
    return present[name] === undefined ? `${name} is not set` : `${[name, ...inside].join('.')}: ${message}`;
  });
  throw new LifeboatError(
    ErrorKind.needsHuman,
    503,
    'SettingsInvalid',
    `Lifeboat's settings are wrong, and Lifeboat does nothing until they are right. ` +
      `${errors.join('; ')}. Nothing was done. Correct the app's settings; the app then restarts.`,
  );
}

/** Returns the settings with a Key Vault reference that Azure could not resolve. */
export const unresolvedSettings = (environment: EnvironmentVariables = process.env): readonly string[] =>
  SETTING_NAMES.filter((name) => environment[name]?.startsWith(KEY_VAULT_REFERENCE));

let settings: Settings | undefined;
/** Returns the settings of the app; reads and checks them on the first call. */
export const config = (): Settings => (settings ??= parseSettings(process.env));

/**
 * The app registers its queues while the host loads the app, before any other setting check. A
 * wrong list counts as empty here: `parseSettings` reports the fault with the other settings.
 */
export function readCommandQueues(environment: EnvironmentVariables = process.env): readonly CommandQueue[] {
  const { LIFEBOAT_SERVICEBUS: namespace, LIFEBOAT_QUEUES: queues } = environment;
  return namespace && queues ? (CommandQueues.safeParse(queues).data ?? []) : [];
}
