// The app's settings, read once and checked: a wrong one is told by name when the app is first used.
import * as z from 'zod';
import agreement from '../infra/agreement.json' with { type: 'json' };
import { Role } from './auth/roles.ts';
import { readEntry } from './domain/addresses.ts';

const standard = agreement.settings.optional;
const text = z.string().trim().min(1);
const url = z.url({ protocol: /^https?$/ });
/** Bytes. */
const SHORTEST_KEY = 24;
const number = (fallback: string) => z.coerce.number().positive().default(Number(fallback));

const Vault = z.string().regex(
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.RecoveryServices\/vaults\/[^/]+$/i,
  'must be the ARM id of a Recovery Services vault',
);

/** `host[:port]`, separated by commas; https unless it begins with `http://`, and public unless ` private` stands behind it. */
const Addresses = z.string().transform((list, context) => list.split(',').filter((text) => text.trim() !== '').flatMap((text) => {
  const entry = readEntry(text);
  if (!entry) context.addIssue({ code: 'custom', message: `"${text.trim()}" is no entry like hooks.example.com, *.example.com:8443 or http://10.0.0.4:8080 private` });
  return entry ?? [];
}));

/** `id=base64`, separated by commas. What is wrong with it is told without a word of it. */
const Keys = z.string().transform((list, context): ReadonlyMap<string, Buffer> => {
  // A reference to Key Vault that Azure could not resolve stands there as it is: no keys, and whoever is to be signed to says so.
  if (list.startsWith('@Microsoft.KeyVault(')) return new Map();
  const entries = list.split(',').filter((text) => text.trim() !== '').map((text) => /^\s*([\w.-]+)=([A-Za-z0-9+/]+={0,2})\s*$/.exec(text));
  const keys = new Map(entries.map((entry) => [entry?.[1] ?? '', Buffer.from(entry?.[2] ?? '', 'base64')]));
  if (entries.includes(null)) context.addIssue({ code: 'custom', message: 'must be a list like k2=<base64>,k1=<base64>' });
  else if (keys.size < entries.length) context.addIssue({ code: 'custom', message: 'names a key twice' });
  else if ([...keys.values()].some((key) => key.length < SHORTEST_KEY)) context.addIssue({ code: 'custom', message: `holds a key of fewer than ${SHORTEST_KEY} bytes` });
  return keys;
});

/** A queue has one sender, since Service Bus decides who may send to it: who that is to Lifeboat stands here. */
const CommandQueue = z.strictObject({
  queue: z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,49}$/, 'must be letters, digits and hyphens'),
  /** The object id of the sender in Entra ID, as it stands in their tokens: the same caller then, with the same keys, as at the REST door. */
  callerId: z.guid(),
  name: text.max(200),
  /** Left out: Lifeboat's own. */
  tenant: z.guid().optional(),
  role: z.enum(Role),
});
export type CommandQueue = z.infer<typeof CommandQueue>;

/** A list in JSON. */
const CommandQueues = z.string().transform((list, context): unknown => {
  try {
    return JSON.parse(list);
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON; it must be a list like [{"queue":"dr-commands","callerId":"<object id>","name":"ticketing","role":"Operator"}]' });
    return [];
  }
}).pipe(z.array(CommandQueue).max(100).refine((all) => new Set(all.map(({ queue }) => queue.toLowerCase())).size === all.length, 'names a queue twice'));

const Settings = z.object({
  LIFEBOAT_COSMOS_ENDPOINT: url,
  LIFEBOAT_COSMOS_DATABASE: text.default(standard.LIFEBOAT_COSMOS_DATABASE),
  LIFEBOAT_ARM_ENDPOINT: url.default(standard.LIFEBOAT_ARM_ENDPOINT),
  LIFEBOAT_AUTHORITY: url.default(standard.LIFEBOAT_AUTHORITY),
  LIFEBOAT_TENANT_ID: text,
  LIFEBOAT_AUDIENCE: text,
  LIFEBOAT_VAULTS: text.transform((list) => list.split(',').map((id) => id.trim())).pipe(z.array(Vault).min(1)),
  LIFEBOAT_REGION: z.string().regex(/^[a-z0-9]{3,40}$/, "must be a region's short name").optional(),
  LIFEBOAT_CLOCK_URL: url.optional(),
  LIFEBOAT_SERVICEBUS: text.optional(),
  LIFEBOAT_QUEUES: CommandQueues.default([]),
  LIFEBOAT_QUEUE_PAUSE_SECONDS: number(standard.LIFEBOAT_QUEUE_PAUSE_SECONDS),
  LIFEBOAT_CALLBACKS: Addresses.default([]),
  LIFEBOAT_CALLBACK_KEYS: Keys.default(new Map()),
  LIFEBOAT_ALERT_KEYS: Keys.default(new Map()),
  LIFEBOAT_ADDRESS: url.optional(),
  LIFEBOAT_ALERT_SKEW_SECONDS: number(standard.LIFEBOAT_ALERT_SKEW_SECONDS),
  LIFEBOAT_ALERT_STALE_MINUTES: number(standard.LIFEBOAT_ALERT_STALE_MINUTES),
  LIFEBOAT_GRANT_DAYS: number(standard.LIFEBOAT_GRANT_DAYS),
  LIFEBOAT_REMIND_MINUTES: number(standard.LIFEBOAT_REMIND_MINUTES),
  LIFEBOAT_TEST_STANDS_HOURS: number(standard.LIFEBOAT_TEST_STANDS_HOURS),
  LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: number(standard.LIFEBOAT_CALLBACK_TIMEOUT_SECONDS),
  LIFEBOAT_NEWS_GIVE_UP_HOURS: number(standard.LIFEBOAT_NEWS_GIVE_UP_HOURS),
  LIFEBOAT_SEND_TIMEOUT_SECONDS: number(standard.LIFEBOAT_SEND_TIMEOUT_SECONDS),
  LIFEBOAT_PROOF_SECONDS: number(standard.LIFEBOAT_PROOF_SECONDS),
  LIFEBOAT_WRITES_BURST: number(standard.LIFEBOAT_WRITES_BURST),
  LIFEBOAT_WRITES_PER_SECOND: number(standard.LIFEBOAT_WRITES_PER_SECOND),
  LIFEBOAT_CALLS_BURST: number(standard.LIFEBOAT_CALLS_BURST),
  LIFEBOAT_CALLS_PER_SECOND: number(standard.LIFEBOAT_CALLS_PER_SECOND),
});

export type Settings = z.infer<typeof Settings>;

export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const read = Settings.safeParse(given);
  if (read.success) return read.data;
  const wrong = read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`Lifeboat's settings are wrong. ${wrong.join('; ')}`);
}

let settings: Settings | undefined;
export const config = (): Settings => (settings ??= readSettings(process.env));

/** The host is told what to listen to while it loads the app, before anything else is asked for. A wrong list is no list here: what is wrong with it is told with the other settings. */
export function commandQueues(environment: Readonly<Record<string, string | undefined>> = process.env): readonly CommandQueue[] {
  const { LIFEBOAT_SERVICEBUS: namespace, LIFEBOAT_QUEUES: queues } = environment;
  return namespace && queues ? (CommandQueues.safeParse(queues).data ?? []) : [];
}
