// Writes the table of the app's settings into docs/operations.md, between its marks. Names, defaults
// and bounds come from the schema that reads the settings.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import agreement from '../infra/agreement.json' with { type: 'json' };
import { parseSettings, SETTING_NAMES, type Settings } from '../shared/core/config.ts';
import { replaceMarkedSection } from './marked-section.ts';

const MEANINGS: Readonly<Record<keyof Settings, string>> = {
  LIFEBOAT_COSMOS_ENDPOINT: 'Address of the Cosmos DB account',
  LIFEBOAT_COSMOS_DATABASE: 'Name of the database',
  LIFEBOAT_ARM_ENDPOINT: 'Address of Azure Resource Manager; another one in a sovereign cloud',
  LIFEBOAT_AUTHORITY: 'Address of Entra ID; another one in a sovereign cloud',
  LIFEBOAT_TENANT_ID: 'Tenant of the callers',
  LIFEBOAT_AUDIENCE: 'Client id and identifier URI of the app registration, separated by a comma',
  LIFEBOAT_VAULTS: 'ARM ids of the Recovery Services vaults, separated by commas',
  LIFEBOAT_REGION: 'Region in which Lifeboat runs: it warns of VMs that would fail with it',
  LIFEBOAT_CLOCK_URL: 'Clock of the simulator; not set in Azure',
  LIFEBOAT_SERVICEBUS: 'Host name of the Service Bus namespace; without it there are no queues and no topic',
  LIFEBOAT_QUEUES: 'Queue, caller and role of each sender, as JSON',
  LIFEBOAT_QUEUE_PAUSE_SECONDS: 'First pause before a message is tried again; it doubles, up to a minute',
  LIFEBOAT_CALLBACKS: 'Hosts that callbacks, probes and HTTP actions may reach',
  LIFEBOAT_CALLBACK_KEYS: 'Keys that sign callbacks and HTTP actions: `k2=whsec_<base64>,k1=whsec_<base64>`',
  LIFEBOAT_ALERT_KEYS: 'Keys that verify generic alerts: `sender/k1=<base64>`',
  LIFEBOAT_ADDRESS: 'Public address of the app, for links in messages',
  LIFEBOAT_ALERT_SKEW_SECONDS: 'Largest difference between the time of a signed alert and the clock',
  LIFEBOAT_ALERT_STALE_MINUTES: 'Age from which an alert asks a person and starts nothing',
  LIFEBOAT_GRANT_DAYS: 'Days after which a grant of a schedule or an alert rule ends',
  LIFEBOAT_CHECK_DAYS: 'Days after which the confirmation of a manual check ends',
  LIFEBOAT_REMIND_MINUTES: 'Pause before a question is asked again, one level higher',
  LIFEBOAT_TEST_STANDS_HOURS: 'Age of a test VM that raises an alarm',
  LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: 'Time limit of one delivery',
  LIFEBOAT_DELIVERY_GIVE_UP_HOURS:
    'Time after which the delivery to a receiver stops until somebody resumes it',
  LIFEBOAT_SEND_TIMEOUT_SECONDS: 'Deadline of a write to Azure after its claim',
  LIFEBOAT_PROOF_SECONDS: 'Time without a job in Azure that proves that a lost write started nothing',
  LIFEBOAT_WRITES_BURST: 'Writes to a subscription that may go at once',
  LIFEBOAT_WRITES_PER_SECOND: 'Writes to a subscription per second, over time',
  LIFEBOAT_CALLS_BURST: 'Requests of one caller that may come at once, in each instance',
  LIFEBOAT_CALLS_PER_SECOND: 'Requests of one caller per second, over time, in each instance',
};

const defaults: Readonly<Record<string, string>> = agreement.settings.optional;
const required: readonly string[] = agreement.settings.required;

/** The schema refuses a number that is far too large, and the refusal names the bounds. */
function boundsOf(name: keyof Settings): string {
  if (!/^\d/.test(defaults[name] ?? '')) return '';
  try {
    parseSettings({ [name]: '9'.repeat(15) });
  } catch (error) {
    const [, min, max] =
      new RegExp(`${name}: must be from ([\\d.]+) to ([\\d.]*\\d)`).exec((error as Error).message) ?? [];
    if (min && max) return `${min} to ${max}`;
  }
  throw new Error(`The bounds of ${name} are not known.`);
}

const rowOf = (name: keyof Settings): string => {
  const given = defaults[name];
  const standard = required.includes(name) ? 'required' : given ? `\`${given}\`` : '';
  return `| \`${name}\` | ${MEANINGS[name]} | ${standard} | ${boundsOf(name)} |`;
};

const table = (): string =>
  ['| setting | meaning | default | bounds |', '| --- | --- | --- | --- |', ...SETTING_NAMES.map(rowOf)].join(
    '\n',
  );

/** The document with the table of the present settings. */
export const renderSettings = (document: string): string =>
  replaceMarkedSection(document, 'settings', table());

if (import.meta.main) {
  const path = join(import.meta.dirname, '..', 'docs', 'operations.md');
  writeFileSync(path, renderSettings(readFileSync(path, 'utf8')));
}
