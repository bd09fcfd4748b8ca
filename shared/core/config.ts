// The app's settings, read once and checked: a wrong one is told by name when the app starts, and
// by whatever needs it.
import * as z from 'zod';
import agreement from '../../infra/agreement.json' with { type: 'json' };
import { Role } from './role.ts';
import { parseAllowedAddress } from './allowedAddresses.ts';
import { ErrorKind, LifeboatError } from './errors.ts';

const defaults = agreement.settings.optional;
const text = z.string().trim().min(1);
/** Without a slash at its end: paths are put behind it. */
const url = z
  .url({ protocol: /^https?$/, error: 'must be an address that begins with https:// or http://' })
  .transform((address) => address.replace(/\/+$/, ''));
/** Bytes. */
const MIN_KEY_BYTES = 24;

/** A number in plain digits, within bounds: what a wrong one does shows on a bad day only. */
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
 * `host[:port]`, separated by commas; https unless it begins with `http://`, and public unless `
 * private` stands behind it.
 */
const AllowedAddresses = z.string().transform((list, context) =>
  splitList(list).flatMap((text, at) => {
    const entry = parseAllowedAddress(text);
    // An address may hold a secret: the answer tells only which it is.
    if (!entry)
      context.addIssue({
        code: 'custom',
        message:
          `entry ${at + 1} is none like hooks.example.com, *.example.com:8443 or ` +
          'http://10.0.0.4:8080 private',
      });
    return entry ?? [];
  }),
);

const KEY_VAULT_REFERENCE = '@Microsoft.KeyVault(';

/** `id=secret`, separated by commas. What is wrong with it is told without a word of it. */
const keyList = (id: string, prefix: string, example: string) =>
  z.string().transform((list, context): ReadonlyMap<string, Buffer> => {
    // A reference to Key Vault that Azure could not resolve stands there as it is: no keys, and
    // whoever is to be signed to says so.
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
/** Secrets in the form of Standard Webhooks, as receivers' libraries take them. */
const CallbackKeys = keyList('[\\w.-]+', 'whsec_', 'k2=whsec_<base64>,k1=whsec_<base64>');
/**
 * All keys of one sender begin with its name and a slash; a name without a slash is a sender with
 * one key.
 */
const AlertKeys = keyList(
  '[\\w.-]+(?:/[\\w.-]+)?',
  '',
  'k2=<base64>,k1=<base64> or sender/2=<base64>,sender/1=<base64>',
);

/**
 * A queue has one sender, since Service Bus decides who may send to it: who that is to Lifeboat
 * stands here.
 */
const CommandQueue = z.strictObject({
  queue: z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,49}$/, 'must be letters, digits and hyphens'),
  /**
   * The object id of the sender in Entra ID, as it stands in their tokens: the same caller then,
   * with the same keys, as at the REST door.
   */
  callerId: z.guid(),
  name: text.max(200),
  /** Left out: Lifeboat's own. */
  tenant: z.guid().optional(),
  role: z.enum(Role),
});
export type CommandQueue = z.infer<typeof CommandQueue>;

/** A list in JSON. */
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
  /** The client id, and the identifier URI by which an action group asks for its token. */
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
  LIFEBOAT_REMIND_MINUTES: numberSetting('LIFEBOAT_REMIND_MINUTES', 1, 7 * MINUTES_PER_DAY),
  LIFEBOAT_TEST_STANDS_HOURS: numberSetting('LIFEBOAT_TEST_STANDS_HOURS', 0.1, 90 * 24),
  LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: numberSetting('LIFEBOAT_CALLBACK_TIMEOUT_SECONDS', 0.1, 120),
  LIFEBOAT_NEWS_GIVE_UP_HOURS: numberSetting('LIFEBOAT_NEWS_GIVE_UP_HOURS', 0.01, 30 * 24),
  LIFEBOAT_SEND_TIMEOUT_SECONDS: numberSetting('LIFEBOAT_SEND_TIMEOUT_SECONDS', 0.1, 300),
  LIFEBOAT_PROOF_SECONDS: numberSetting('LIFEBOAT_PROOF_SECONDS', 60, 3600),
  LIFEBOAT_WRITES_BURST: numberSetting('LIFEBOAT_WRITES_BURST', 2, 100_000),
  LIFEBOAT_WRITES_PER_SECOND: numberSetting('LIFEBOAT_WRITES_PER_SECOND', 0.01, 10_000),
  LIFEBOAT_CALLS_BURST: numberSetting('LIFEBOAT_CALLS_BURST', 1, 1_000_000),
  LIFEBOAT_CALLS_PER_SECOND: numberSetting('LIFEBOAT_CALLS_PER_SECOND', 0.1, 1_000_000),
});

export type Settings = z.infer<typeof Settings>;
export const SETTING_NAMES = Object.keys(Settings.shape) as readonly (keyof Settings)[];

type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

export function parseSettings(environment: EnvironmentVariables): Settings {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim() !== ''));
  const parsed = Settings.safeParse(present);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => {
    const [name = '', ...inside] = path.map(String);
    return present[name] === undefined ? `${name} is not set` : `${[name, ...inside].join('.')}: ${message}`;
  });
  throw new LifeboatError(
    ErrorKind.needsHuman,
    503,
    'SettingsInvalid',
    `Lifeboat's settings are wrong, and nothing works before they are right. ` +
      `${errors.join('; ')}. Nothing was done. Correct the app's settings; a restart follows ` +
      'from that.',
  );
}

/** Settings that stand there as references to Key Vault which Azure could not resolve. */
export const unresolvedSettings = (environment: EnvironmentVariables = process.env): readonly string[] =>
  SETTING_NAMES.filter((name) => environment[name]?.startsWith(KEY_VAULT_REFERENCE));

let settings: Settings | undefined;
export const config = (): Settings => (settings ??= parseSettings(process.env));

/**
 * The host is told what to listen to while it loads the app, before anything else is asked for. A
 * wrong list is no list here: what is wrong with it is told with the other settings.
 */
export function readCommandQueues(environment: EnvironmentVariables = process.env): readonly CommandQueue[] {
  const { LIFEBOAT_SERVICEBUS: namespace, LIFEBOAT_QUEUES: queues } = environment;
  return namespace && queues ? (CommandQueues.safeParse(queues).data ?? []) : [];
}
