// The disk settings and the cache accounts in a preview.
import { previewEnabling } from '../../../shared/scenarios/azureToAzure/enabling/previewEnabling.ts';
import { accountNames } from '../../../shared/scenarios/enabling/resourceNames.ts';
import {
  FACTS,
  PRODUCTION,
  storageAccountId,
  makeBlobDisk,
  choiceOf,
  codesOf,
  makeDisk,
  factsWith,
  groupId,
  makeVm,
  onlyVm,
  prerequisitesOf,
  containingText,
  settingsOf,
  vmId,
  makeRequest,
} from './facts.ts';

const account = (name: string, region: string, more: object = {}) => ({
  id: storageAccountId(name),
  name,
  subscription: PRODUCTION,
  region,
  sku: 'Standard_LRS',
  kind: 'StorageV2',
  madeAsCache: false,
  ...more,
});
const sql = makeVm('sql', {
  disks: [makeDisk('sql-os'), makeDisk('sql-data', { accountType: 'StandardSSD_LRS' }), makeDisk('sql-log')],
});
const facts = factsWith({
  vms: [sql],
  storageAccounts: [account('mycache', 'eastasia'), account('faraway', 'southeastasia')],
});
const plan = (disks: readonly object[], more: object = {}, base = facts) =>
  previewEnabling(base, makeRequest([{ id: vmId('sql'), disks, ...more }]));

test("every disk has its own entry, the OS disk first, with the source's two types [A2A-8]", () => {
  const { disks } = settingsOf(plan([]));
  expect(
    disks.map(
      (disk) =>
        disk.managed && [disk.id.split('/').at(-1), disk.replicaType, disk.targetType, disk.resourceGroupId],
    ),
  ).toEqual([
    ['sql-os', 'Premium_LRS', 'Premium_LRS', groupId('shop-asr')],
    ['sql-data', 'StandardSSD_LRS', 'StandardSSD_LRS', groupId('shop-asr')],
    ['sql-log', 'Premium_LRS', 'Premium_LRS', groupId('shop-asr')],
  ]);
});

test('a request gives each disk its own types, cache and resource group [A2A-8]', () => {
  const preview = plan([
    { disk: 'sql-data', replicaType: 'Standard_LRS', targetType: 'Premium_LRS', resourceGroup: 'data' },
    { disk: sql.disks[2]?.id.toUpperCase(), cacheStorageAccountId: storageAccountId('mycache') },
  ]);
  const [, data, log] = settingsOf(preview).disks;
  expect(data).toMatchObject({
    replicaType: 'Standard_LRS',
    targetType: 'Premium_LRS',
    resourceGroupId: groupId('data'),
  });
  expect(log?.cacheStorageAccountId).toBe(storageAccountId('mycache'));
  expect(onlyVm(preview).needs).toEqual(
    expect.arrayContaining([groupId('data'), storageAccountId('mycache')]),
  );
});

test('a request can leave out known data disks but not the OS disk [A2A-8]', () => {
  const without = plan([{ disk: 'sql-log', exclude: true }]);
  expect(settingsOf(without).disks).toHaveLength(2);
  expect(choiceOf(without, 'disk sql-log')?.chosen).toBe('left out');
  expect(onlyVm(plan([{ disk: 'sql-os', exclude: true }])).refusals).toEqual([
    { code: 'OsDiskLeftOut', message: containingText('sql-data, sql-log') },
  ]);
  expect(onlyVm(plan([{ disk: 'tempdb' }])).refusals).toEqual([
    { code: 'DiskUnknown', message: containingText('sql-os, sql-data, sql-log') },
  ]);
  expect(codesOf(onlyVm(plan([{ disk: 'sql-log' }, { disk: 'SQL-LOG', exclude: true }])).refusals)).toEqual([
    'DiskNamedTwice',
  ]);
  expect(
    codesOf(onlyVm(plan([{ disk: 'sql-log', storageAccountId: storageAccountId('mycache') }])).refusals),
  ).toEqual(['DiskSettingMisfit']);
});

test('zone-redundant disks become locally redundant in a region without zones [A2A-8]', () => {
  const zoned = factsWith({
    vms: [makeVm('sql', { disks: [makeDisk('sql-os', { accountType: 'Premium_ZRS' })] })],
  });
  const south = (more: object = {}) =>
    previewEnabling(zoned, makeRequest(['sql'], { target: { region: 'southindia', ...more } }));
  expect(settingsOf(south()).disks[0]).toMatchObject({
    replicaType: 'Premium_LRS',
    targetType: 'Premium_LRS',
  });
  expect(codesOf(onlyVm(south({ targetDiskType: 'Premium_ZRS' })).refusals)).toEqual(['DiskTypeNotThere']);
});

const legacy = makeVm('legacy', { disks: [makeBlobDisk('legacy-os'), makeBlobDisk('legacy-data')] });
const old = factsWith({
  vms: [legacy],
  storageAccounts: [
    account('shoplegacy', 'eastasia', { sku: 'Premium_LRS', kind: 'Storage' }),
    account('faraway', 'southeastasia', { sku: 'Premium_LRS' }),
    account('slow', 'southeastasia'),
  ],
});

test("unmanaged disks go to an account like the source's in the target region [A2A-9]", () => {
  const preview = previewEnabling(old, makeRequest(['legacy']));
  expect(
    prerequisitesOf(preview, 'storageAccount').find(
      ({ spec }) => spec.kind === 'storageAccount' && spec.use === 'disks',
    ),
  ).toMatchObject({
    name: 'shoplegacyasr',
    action: 'create',
    id: storageAccountId('shoplegacyasr', 'shop-asr'),
    spec: { sku: 'Premium_LRS', accountKind: 'Storage', region: 'southeastasia' },
  });
  expect(settingsOf(preview).disks).toMatchObject([
    { managed: false, storageAccountId: storageAccountId('shoplegacyasr', 'shop-asr') },
    { managed: false },
  ]);
  const there = {
    ...old,
    storageAccounts: [
      ...old.storageAccounts,
      account('shoplegacyasr', 'southeastasia', { sku: 'Premium_ZRS' }),
    ],
  };
  expect(settingsOf(previewEnabling(there, makeRequest(['legacy']))).disks[0]).toMatchObject({
    storageAccountId: storageAccountId('shoplegacyasr'),
  });
  const previewWithAccount = (id: string) =>
    previewEnabling(old, makeRequest(['legacy'], { target: { diskStorageAccountId: id } }));
  expect(settingsOf(previewWithAccount(storageAccountId('faraway'))).disks[0]).toMatchObject({
    storageAccountId: storageAccountId('faraway'),
  });
  expect(onlyVm(previewWithAccount(storageAccountId('shoplegacy'))).refusals[0]).toEqual({
    code: 'DiskAccountElsewhere',
    message: containingText(storageAccountId('faraway')),
  });
  expect(onlyVm(previewWithAccount(storageAccountId('nothing'))).refusals[0]?.code).toBe(
    'StorageAccountUnknown',
  );
  expect(
    codesOf(
      onlyVm(
        previewEnabling(
          old,
          makeRequest([{ id: vmId('legacy'), disks: [{ disk: 'legacy-os', targetType: 'Premium_LRS' }] }]),
        ),
      ).refusals,
    ),
  ).toEqual(['DiskSettingMisfit']);
});

test('premium disks need a premium account, and standard disks may have any [A2A-9]', () => {
  const toAccount = (name: string, sourceSku = 'Premium_LRS') =>
    onlyVm(
      previewEnabling(
        {
          ...old,
          storageAccounts: [
            ...old.storageAccounts.slice(1),
            account('shoplegacy', 'eastasia', { sku: sourceSku, kind: 'Storage' }),
          ],
        },
        makeRequest(['legacy'], { target: { diskStorageAccountId: storageAccountId(name) } }),
      ),
    );
  const refused = toAccount('slow');
  expect(refused.verdict).toBe('refused');
  expect(refused.refusals[0]).toEqual({
    code: 'DiskAccountNotPremium',
    message: containingText(`Name one of southeastasia: ${storageAccountId('faraway')};`),
  });
  expect(toAccount('faraway').verdict).toBe('enable');
  expect(toAccount('slow', 'Standard_LRS').verdict).toBe('enable');
  expect(toAccount('faraway', 'Standard_LRS').verdict).toBe('enable');
  // By default a standard account of the right name is not taken either.
  const standardThere = {
    ...old,
    storageAccounts: [...old.storageAccounts, account('shoplegacyasr', 'southeastasia')],
  };
  const [made] = prerequisitesOf(
    previewEnabling(standardThere, makeRequest(['legacy'])),
    'storageAccount',
  ).filter(({ spec }) => spec.kind === 'storageAccount' && spec.use === 'disks');
  expect(made).toMatchObject({ action: 'create', spec: { sku: 'Premium_LRS' } });
  expect(made?.name).not.toBe('shoplegacyasr');
});

test('a taken name gives the next free name, always the same one [A2A-9]', () => {
  const name = (taken: readonly string[]) =>
    prerequisitesOf(
      previewEnabling({ ...old, usedAccountNames: taken }, makeRequest(['legacy'])),
      'storageAccount',
    )
      .map(({ name }) => name)
      .find((text) => text.startsWith('shoplegacy'));
  const next = name(['shoplegacyasr']) ?? '';
  expect(next).toMatch(/^shoplegacy[0-9a-f]{6}asr$/);
  expect(name(['shoplegacyasr'])).toBe(next);
  const third = name(['shoplegacyasr', next]);
  expect(third).not.toBe(next);
  for (const accountName of accountNames('A very-long_name.of an account', 'owner'))
    expect(accountName).toMatch(/^[a-z0-9]{3,24}$/);
  const none = previewEnabling(
    {
      ...old,
      usedAccountNames: accountNames(
        'shoplegacy',
        `${storageAccountId('shoplegacy')} southeastasia ${PRODUCTION}`,
      ),
    },
    makeRequest(['legacy']),
  );
  expect(codesOf(onlyVm(none).refusals)).toContain('NoAccountName');
});

test('the preview creates or reuses one cache account in the source region [A2A-10]', () => {
  const preview = previewEnabling(FACTS, makeRequest(['web', 'app']));
  const caches = prerequisitesOf(preview, 'storageAccount');
  expect(caches).toMatchObject([
    {
      action: 'create',
      spec: { region: 'eastasia', sku: 'Standard_LRS', accountKind: 'StorageV2', use: 'cache' },
    },
  ]);
  const before = factsWith({
    storageAccounts: [
      account('someones', 'eastasia'),
      account('anycache', 'eastasia', { madeAsCache: true }),
      account('othercache', 'southindia', { madeAsCache: true }),
    ],
  });
  expect(prerequisitesOf(previewEnabling(before, makeRequest(['web'])), 'storageAccount')).toMatchObject([
    { name: 'anycache', action: 'reuse' },
  ]);
});

test('a premium account is no cache, but one for block blobs is [A2A-10]', () => {
  const withCache = (more: object, madeAsCache = false) =>
    previewEnabling(
      factsWith({ vms: [sql], storageAccounts: [account('fast', 'eastasia', { ...more, madeAsCache })] }),
      makeRequest(
        ['sql'],
        madeAsCache ? {} : { target: { cacheStorageAccountId: storageAccountId('fast') } },
      ),
    );
  const premium = { sku: 'Premium_LRS', kind: 'StorageV2' };
  expect(onlyVm(withCache(premium))).toMatchObject({
    verdict: 'refused',
    refusals: [{ code: 'CacheNotStandard' }],
  });
  expect(onlyVm(withCache({ sku: 'Premium_LRS', kind: 'BlockBlobStorage' })).verdict).toBe('enable');
  // An earlier cache of Lifeboat that somebody made premium is not taken by default.
  expect(prerequisitesOf(withCache(premium, true), 'storageAccount')).toMatchObject([{ action: 'create' }]);
  expect(prerequisitesOf(withCache({}, true), 'storageAccount')).toMatchObject([{ action: 'reuse' }]);
});

test('a given cache account must be in the source region, and a refusal lists the possible ones [A2A-10]', () => {
  const previewWithCache = (name: string) => plan([], { cacheStorageAccountId: storageAccountId(name) });
  for (const disk of settingsOf(previewWithCache('mycache')).disks)
    expect(disk.cacheStorageAccountId).toBe(storageAccountId('mycache'));
  expect(onlyVm(previewWithCache('faraway')).refusals[0]).toEqual({
    code: 'CacheElsewhere',
    message: containingText(storageAccountId('mycache')),
  });
  expect(onlyVm(previewWithCache('missing')).refusals[0]?.code).toBe('StorageAccountUnknown');
  const prepared = previewEnabling(
    facts,
    makeRequest([], { target: { cacheStorageAccountId: storageAccountId('faraway') } }),
  );
  expect(codesOf(prepared.refusals)).toEqual(['CacheElsewhere']);
  expect(prepared.prerequisites).toEqual([]);
});
