// The app's settings, read once and checked: a wrong one is told by name when the app is first used.
import { z } from 'zod';
import agreement from '../infra/agreement.json' with { type: 'json' };
import { readEntry } from './domain/addresses.ts';

const standard = agreement.settings.optional;
const text = z.string().trim().min(1);
const url = z.url({ protocol: /^https?$/ });
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

const Settings = z.object({
  LIFEBOAT_COSMOS_ENDPOINT: url,
  LIFEBOAT_COSMOS_DATABASE: text.default(standard.LIFEBOAT_COSMOS_DATABASE),
  LIFEBOAT_ARM_ENDPOINT: url.default(standard.LIFEBOAT_ARM_ENDPOINT),
  LIFEBOAT_AUTHORITY: url.default(standard.LIFEBOAT_AUTHORITY),
  LIFEBOAT_TENANT_ID: text,
  LIFEBOAT_AUDIENCE: text,
  LIFEBOAT_VAULTS: text.transform((list) => list.split(',').map((id) => id.trim())).pipe(z.array(Vault).min(1)),
  LIFEBOAT_CLOCK_URL: url.optional(),
  LIFEBOAT_SERVICEBUS: text.optional(),
  LIFEBOAT_CALLBACKS: Addresses.default([]),
  LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: number(standard.LIFEBOAT_CALLBACK_TIMEOUT_SECONDS),
  LIFEBOAT_NEWS_GIVE_UP_HOURS: number(standard.LIFEBOAT_NEWS_GIVE_UP_HOURS),
  LIFEBOAT_SEND_TIMEOUT_SECONDS: number(standard.LIFEBOAT_SEND_TIMEOUT_SECONDS),
  LIFEBOAT_PROOF_SECONDS: number(standard.LIFEBOAT_PROOF_SECONDS),
  LIFEBOAT_WRITES_BURST: number(standard.LIFEBOAT_WRITES_BURST),
  LIFEBOAT_WRITES_PER_SECOND: number(standard.LIFEBOAT_WRITES_PER_SECOND),
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
