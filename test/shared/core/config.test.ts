// Each setting of the app: its valid values. An error names the setting, without its value.
import agreement from '../../../infra/agreement.json' with { type: 'json' };
import { parseSettings, SETTING_NAMES, unresolvedSettings } from '../../../shared/core/config.ts';

const VAULT = '/subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v';
const TENANT = '5d9f3a1e-6b2c-4f70-8a14-9c3e7d2b5f60';
const KEY = Buffer.alloc(24, 'k').toString('base64');
const QUEUE = { queue: 'dr-commands', callerId: TENANT, name: 'ticketing', role: 'Operator' };
const REQUIRED = {
  LIFEBOAT_COSMOS_ENDPOINT: 'https://cosmos.example',
  LIFEBOAT_TENANT_ID: TENANT,
  LIFEBOAT_AUDIENCE: 'a',
  LIFEBOAT_VAULTS: VAULT,
};

interface Row {
  readonly good: Readonly<Record<string, unknown>>;
  readonly wrong: readonly string[];
  readonly why: RegExp;
}

const ADDRESS = {
  good: { 'https://a.example': 'https://a.example', 'http://10.0.0.4:8080//': 'http://10.0.0.4:8080' },
  wrong: ['a.example', 'ftp://a.example', 'https://'],
  why: /must be an address that begins with https/,
};
const NO_NUMBER = ['abc', '-1', '1e3', '0x10', 'Infinity', 'NaN', '1,5', '٣'];
/** Accepts the least and the most, and refuses values slightly outside. */
const bounded = (least: number, most: number): Row => ({
  good: { [String(least)]: least, [` ${String(most)} `]: most },
  wrong: [...NO_NUMBER, String(least - least / 100), String(most + 1), '0'],
  why: new RegExp(`must be (a number )?from ${least} to ${most}`),
});
const keys = (more: Readonly<Record<string, number>>, wrong: readonly string[], prefix = ''): Row => ({
  good: {
    [`k=${prefix}${KEY}`]: 1,
    [` k2=${prefix}${KEY} ,k.1=${prefix}${KEY},`]: 2,
    '@Microsoft.KeyVault(VaultName=v;SecretName=s)': 0,
    ...more,
  },
  wrong: [
    ...['k', `k=${prefix}`, `=${prefix}a2V5`, `k=${prefix}not base64`, `k=${prefix}a2V5`],
    `k=${prefix}${KEY},k=${prefix}${KEY}`,
    ...wrong,
  ],
  why: /must be a list like k2=(whsec_)?<base64>|names a key twice|holds a key of fewer than 24 bytes/,
});

const ROWS: Readonly<Record<string, Row>> = {
  LIFEBOAT_COSMOS_ENDPOINT: ADDRESS,
  LIFEBOAT_COSMOS_DATABASE: { good: { ' db ': 'db' }, wrong: [], why: /./ },
  LIFEBOAT_ARM_ENDPOINT: ADDRESS,
  LIFEBOAT_AUTHORITY: ADDRESS,
  LIFEBOAT_TENANT_ID: {
    good: { [TENANT]: TENANT },
    wrong: ['contoso.onmicrosoft.com', 't'],
    why: /must be the id of the tenant/,
  },
  LIFEBOAT_AUDIENCE: {
    good: { 'api://lifeboat': ['api://lifeboat'], ' a, api://b ': ['a', 'api://b'] },
    wrong: [','],
    why: /names no audience/,
  },
  LIFEBOAT_VAULTS: {
    good: { [VAULT]: [VAULT], [` ${VAULT}, ${VAULT}2 ,`]: [VAULT, `${VAULT}2`] },
    wrong: ['v', `${VAULT};${VAULT}/x`, `${VAULT}/x`, ','],
    why: /must be the ARM id of a Recovery Services vault|names no vault/,
  },
  LIFEBOAT_REGION: {
    good: { eastasia: 'eastasia' },
    wrong: ['East Asia', 'x'],
    why: /must be a region's short name/,
  },
  LIFEBOAT_CLOCK_URL: ADDRESS,
  LIFEBOAT_SERVICEBUS: {
    good: { 'n.servicebus.windows.net': 'n.servicebus.windows.net', 'localhost:5671': 'localhost:5671' },
    wrong: ['https://n.servicebus.windows.net', 'Endpoint=sb://n/;SharedAccessKey=x', 'n/'],
    why: /must be the host name of a namespace/,
  },
  LIFEBOAT_QUEUES: {
    good: { '[]': [], [JSON.stringify([QUEUE])]: [QUEUE] },
    wrong: ['[', '{}', JSON.stringify([{ ...QUEUE, role: 'King' }]), JSON.stringify([QUEUE, QUEUE])],
    why: /is not JSON|must be a list|role|names a queue twice/,
  },
  LIFEBOAT_QUEUE_PAUSE_SECONDS: bounded(0.01, 60),
  LIFEBOAT_CALLBACKS: {
    good: { 'hooks.example.com, ': [expect.objectContaining({ host: 'hooks.example.com' })] },
    wrong: ['https://hooks.example.com/path', 'a b c', 'ok.example,user:secret-word@host'],
    why: /entry [12] must be like hooks\.example\.com/,
  },
  LIFEBOAT_CALLBACK_KEYS: keys({}, [`s/k=whsec_${KEY}`, `k=${KEY}`, `k=whsek_${KEY}`], 'whsec_'),
  LIFEBOAT_ALERT_KEYS: keys({ [`grid/2=${KEY},grid/1=${KEY}`]: 2 }, [`a/b/c=${KEY}`, `/k=${KEY}`]),
  LIFEBOAT_ADDRESS: ADDRESS,
  LIFEBOAT_ALERT_SKEW_SECONDS: bounded(1, 3600),
  LIFEBOAT_ALERT_STALE_MINUTES: bounded(1, 43_200),
  LIFEBOAT_GRANT_DAYS: bounded(1, 3650),
  LIFEBOAT_CHECK_DAYS: bounded(1, 3650),
  LIFEBOAT_REMIND_MINUTES: bounded(1, 10_080),
  LIFEBOAT_TEST_STANDS_HOURS: bounded(0.1, 2160),
  LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: bounded(0.1, 120),
  LIFEBOAT_DELIVERY_GIVE_UP_HOURS: bounded(0.01, 720),
  LIFEBOAT_SEND_TIMEOUT_SECONDS: bounded(0.1, 300),
  LIFEBOAT_PROOF_SECONDS: bounded(60, 3600),
  LIFEBOAT_WRITES_BURST: bounded(2, 100_000),
  LIFEBOAT_WRITES_PER_SECOND: bounded(0.01, 10_000),
  LIFEBOAT_CALLS_BURST: { ...bounded(1, 1_000_000), wrong: [...bounded(1, 1_000_000).wrong, '0.5'] },
  LIFEBOAT_CALLS_PER_SECOND: bounded(0.1, 1_000_000),
};

const sizeOrValue = (value: unknown): unknown => (value instanceof Map ? value.size : value);
const refusal = (
  given: Readonly<Record<string, string>>,
): { readonly code: string; readonly status: number; readonly message: string } => {
  try {
    parseSettings({ ...REQUIRED, ...given });
  } catch (error) {
    return error as { code: string; status: number; message: string };
  }
  throw new Error(`Taken: ${JSON.stringify(given)}`);
};

test('each existing setting has a row here, and is in the agreement', () => {
  expect(Object.keys(ROWS).sort()).toEqual([...SETTING_NAMES].sort());
  expect([...SETTING_NAMES].sort()).toEqual(
    [...agreement.settings.required, ...Object.keys(agreement.settings.optional)].sort(),
  );
});

test.each(Object.entries(ROWS))(
  '%s accepts valid values, and refuses others by name without the value',
  (name, { good, wrong, why }) => {
    for (const [text, value] of Object.entries(good))
      expect([
        text,
        sizeOrValue(
          parseSettings({ ...REQUIRED, [name]: text })[name as keyof ReturnType<typeof parseSettings>],
        ),
      ]).toEqual([text, value]);
    for (const text of wrong) {
      const { code, status, message } = refusal({ [name]: text });
      expect([text, code, status]).toEqual([text, 'SettingsInvalid', 503]);
      expect(message).toMatch(new RegExp(`wrong, and Lifeboat does nothing.* ${name}[.:]`));
      expect(message).toMatch(why);
      if (text.length > 8) expect(message).not.toContain(text);
      expect(message).not.toMatch(/secret-word|SharedAccessKey/);
    }
  },
);

test('the error lists all missing settings at once, and a blank setting counts as missing', () => {
  expect(
    refusal({ LIFEBOAT_VAULTS: '', LIFEBOAT_AUDIENCE: '  ', LIFEBOAT_CALLS_BURST: '0.5' }).message,
  ).toMatch(
    /LIFEBOAT_AUDIENCE is not set; LIFEBOAT_VAULTS is not set; LIFEBOAT_CALLS_BURST: must be from 1 to 1000000/,
  );
  expect(parseSettings({ ...REQUIRED, LIFEBOAT_REGION: ' ', LIFEBOAT_CALLS_BURST: ' ' })).toMatchObject({
    LIFEBOAT_CALLS_BURST: 600,
  });
});

test('the error names the setting with an unresolved reference to Key Vault', () => {
  expect(
    unresolvedSettings({
      LIFEBOAT_ALERT_KEYS: '@Microsoft.KeyVault(VaultName=v;SecretName=s)',
      LIFEBOAT_CALLBACK_KEYS: `k=whsec_${KEY}`,
    }),
  ).toEqual(['LIFEBOAT_ALERT_KEYS']);
});
