// Plans storage accounts: the cache in the source region, and accounts in the target region for
// unmanaged disks. Pure.
import { resourceGroupNameOf, isClassicId } from '../../../../core/armId.ts';
import { checkCacheAccount } from '../../../../azure/cacheAccount.ts';
import type { SourceDisk, StorageAccountFacts } from '../../../../azure/facts.ts';
import type { RequestScope } from '../request/requestScope.ts';
import { targetResourceGroup } from './resourceGroups.ts';
import { isInRegion, isInSubscription, keyOf } from '../../../enabling/lookup.ts';
import { accountNames, resourceIdOf, RESOURCE_TYPES } from '../../../enabling/resourceNames.ts';
import {
  recordChoice,
  emptyNotes,
  formatList,
  addPrerequisite,
  refuse,
  copyRefusals,
  type Notes,
  type PlannedPrerequisite,
  suggestOneOf,
} from '../../../enabling/notes.ts';
import { accountsIn, resourceGroupPrerequisite, planPrerequisite } from './prerequisites.ts';

const reuseAccount = (
  scope: RequestScope,
  account: StorageAccountFacts,
  reason: string,
  use: 'cache' | 'disks',
): PlannedPrerequisite =>
  scope.computeOnce(`account ${keyOf(account.id)} ${reason}`, () =>
    planPrerequisite(
      'reuse',
      account.id,
      account.name,
      reason,
      [
        resourceGroupPrerequisite(
          scope,
          account.subscription,
          resourceGroupNameOf(account.id),
          account.region,
        ),
      ],
      {
        kind: 'storageAccount',
        region: account.region,
        sku: account.sku,
        accountKind: account.kind,
        use,
      },
    ),
  );

const findAccountByName = (scope: RequestScope, name: string): StorageAccountFacts | undefined =>
  scope
    .computeOnce(
      'accounts by name',
      () =>
        new Map([...scope.lookup.storageAccounts.values()].map((account) => [keyOf(account.name), account])),
    )
    .get(name);

/** A usable account with one of the names, or else the first free name. */
function findUsableOrFreeName(
  scope: RequestScope,
  names: readonly string[],
  isUsable: (account: StorageAccountFacts) => boolean,
): StorageAccountFacts | string | undefined {
  for (const name of names) {
    const existing = findAccountByName(scope, name);
    if (existing && isUsable(existing)) return existing;
    if (!existing && !scope.lookup.takenAccountNames.has(name)) return name;
  }
  return undefined;
}

/**
 * Plans the cache: a standard, locally redundant account in the source region. All VMs share it,
 * unless the request names another one.
 */
export function cachePrerequisite(
  scope: RequestScope,
  requested: string | undefined,
  notes: Notes,
): PlannedPrerequisite | false {
  if (requested !== undefined) return requestedCache(scope, requested, notes);
  const defaultResult = scope.computeOnce('cache', () => {
    const cacheNotes = emptyNotes();
    return { prerequisite: defaultCache(scope, cacheNotes), refusals: cacheNotes.refusals };
  });
  copyRefusals(notes, defaultResult.refusals);
  return defaultResult.prerequisite && addPrerequisite(notes, defaultResult.prerequisite);
}

function requestedCache(scope: RequestScope, id: string, notes: Notes): PlannedPrerequisite | false {
  const { region } = scope.source;
  const existing = scope.lookup.storageAccounts.get(keyOf(id));
  const suggestion = suggestOneOf(
    accountsIn(scope, region, scope.source.subscription)
      .filter((account) => !checkCacheAccount(account, account.id, region))
      .map((account) => account.id),
    region,
    'name none, and one is made',
  );
  const problem = checkCacheAccount(existing, id, region);
  if (!existing || problem)
    return refuse(notes, problem?.code ?? '', `${problem?.message ?? ''} ${suggestion}`);
  return addPrerequisite(notes, reuseAccount(scope, existing, 'It was asked for as the cache.', 'cache'));
}

function defaultCache(scope: RequestScope, notes: Notes): PlannedPrerequisite | false {
  const { region, subscription } = scope.source;
  const earlierCache = accountsIn(scope, region, subscription).find(
    (account) => account.madeAsCache && !checkCacheAccount(account, account.id, region),
  );
  if (earlierCache)
    return reuseAccount(scope, earlierCache, `It was made before as the cache of ${region}.`, 'cache');
  const names = accountNames(`cache${region.slice(0, 10)}`, `${scope.vault.id} ${region}`).slice(1);
  const name = findUsableOrFreeName(scope, names, () => false);
  if (typeof name !== 'string')
    return refuse(
      notes,
      'NoAccountName',
      `None of the names for a cache storage account is free: ${formatList(names)}. Make one in ` +
        `${region} and name it: "cacheStorageAccountId".`,
    );
  const group = resourceGroupPrerequisite(scope, subscription, scope.vault.resourceGroup, region);
  return planPrerequisite(
    'create',
    resourceIdOf(group.id, RESOURCE_TYPES.storageAccount, name),
    name,
    `There is no cache storage account in ${region} yet: changes pass through it.`,
    [group],
    {
      kind: 'storageAccount',
      region,
      sku: 'Standard_LRS',
      accountKind: 'StorageV2',
      use: 'cache',
    },
  );
}

/** Plans the cache of a disk and records the choice. */
export function chooseCache(
  scope: RequestScope,
  requested: string | undefined,
  choiceName: string,
  notes: Notes,
): PlannedPrerequisite | false {
  const cache = cachePrerequisite(scope, requested, notes);
  if (cache) recordChoice(notes, choiceName, cache.name, cache.reason);
  return cache;
}

/** Plans the target account of an unmanaged disk: an account like the source account. */
export function chooseDiskAccount(
  scope: RequestScope,
  disk: SourceDisk,
  requested: string | undefined,
  notes: Notes,
): PlannedPrerequisite | false {
  const classic = isClassicId(disk.storageAccountId ?? '');
  const source =
    disk.storageAccountId === null
      ? undefined
      : scope.lookup.storageAccounts.get(keyOf(disk.storageAccountId));
  if (requested !== undefined) return requestedDiskAccount(scope, requested, { source, classic }, notes);
  if (!source)
    return refuse(
      notes,
      'StorageAccountUnknown',
      `The storage account of the disk ${disk.name} (${disk.storageAccountId ?? 'unknown'}) ` +
        'does not exist, or cannot be seen. Name the target account: "diskStorageAccountId".',
    );
  const defaultResult = scope.computeOnce(`disk account ${keyOf(source.id)}`, () => {
    const accountNotes = emptyNotes();
    return {
      prerequisite: defaultDiskAccount(scope, source, classic, accountNotes),
      refusals: accountNotes.refusals,
    };
  });
  copyRefusals(notes, defaultResult.refusals);
  return defaultResult.prerequisite && addPrerequisite(notes, defaultResult.prerequisite);
}

function requestedDiskAccount(
  scope: RequestScope,
  id: string,
  { source, classic }: { readonly source: StorageAccountFacts | undefined; readonly classic: boolean },
  notes: Notes,
): PlannedPrerequisite | false {
  const { region, subscription } = scope.target;
  const existing = scope.lookup.storageAccounts.get(keyOf(id));
  const suggestion = suggestOneOf(
    accountsIn(scope, region, subscription, classic)
      .filter((account) => isFastEnough(account, source))
      .map((account) => account.id),
    region,
    "name none, and one like the source's is used",
  );
  if (!existing)
    return refuse(
      notes,
      'StorageAccountUnknown',
      `The storage account ${id} does not exist, or cannot be seen. ${suggestion}`,
    );
  if (!isInRegion(existing, region))
    return refuse(
      notes,
      'DiskAccountElsewhere',
      `The storage account ${existing.name} is in ${existing.region}; disks are recovered in ${region}. ${suggestion}`,
    );
  if (!isInSubscription(existing, subscription))
    return refuse(
      notes,
      'DiskAccountElsewhere',
      `The storage account ${existing.name} is of the subscription ${existing.subscription}; a VM ` +
        `and the accounts of its disks are of one, ${subscription}. ${suggestion}`,
    );
  if (isClassicId(existing.id) !== classic)
    return refuse(
      notes,
      'AccountOfOtherModel',
      `The storage account ${existing.name} is of another deployment model than the disks. ${suggestion}`,
    );
  if (!isFastEnough(existing, source))
    return refuse(
      notes,
      'DiskAccountNotPremium',
      `The storage account ${existing.name} is a standard account (${existing.sku}), and the disks are in ` +
        `the premium account ${source?.name ?? ''}. Premium disks need a premium account. ${suggestion}`,
    );
  return addPrerequisite(notes, reuseAccount(scope, existing, 'It was asked for, for the disks.', 'disks'));
}

/** Premium disks need a premium account. Standard disks may be in any account. */
const isFastEnough = (account: StorageAccountFacts, source: StorageAccountFacts | undefined): boolean =>
  account.sku.startsWith('Premium') || !(source?.sku.startsWith('Premium') ?? false);

function defaultDiskAccount(
  scope: RequestScope,
  source: StorageAccountFacts,
  classic: boolean,
  notes: Notes,
): PlannedPrerequisite | false {
  const { region, subscription } = scope.target;
  const names = accountNames(source.name, `${source.id} ${region} ${subscription}`);
  const accountOrName = findUsableOrFreeName(
    scope,
    names,
    (account) =>
      isInRegion(account, region) &&
      isInSubscription(account, subscription) &&
      isClassicId(account.id) === classic &&
      isFastEnough(account, source),
  );
  if (classic && typeof accountOrName !== 'object')
    return refuse(
      notes,
      'DiskAccountMissing',
      `In ${region} there is no classic storage account ${names[0] ?? ''} for the disks in ` +
        `${source.name}, and Azure makes no new ones. Name another in "diskStorageAccountId", ` +
        `one of: ${formatList(accountsIn(scope, region, subscription, true).map(({ id }) => id))}.`,
    );
  if (accountOrName === undefined)
    return refuse(
      notes,
      'NoAccountName',
      `None of the names for an account like ${source.name} is free: ${formatList(names)}. Make ` +
        `one in ${region} and name it: "diskStorageAccountId".`,
    );
  if (typeof accountOrName !== 'string')
    return reuseAccount(
      scope,
      accountOrName,
      `It has the name of the source's account ${source.name} with the suffix asr.`,
      'disks',
    );
  const group = targetResourceGroup(
    scope,
    scope.request.target.resourceGroup,
    resourceGroupNameOf(source.id),
    notes,
  );
  return (
    group &&
    planPrerequisite(
      'create',
      resourceIdOf(group.prerequisite.id, RESOURCE_TYPES.storageAccount, accountOrName),
      accountOrName,
      `A new account like the source's ${source.name}, with the suffix asr.`,
      [group.prerequisite],
      {
        kind: 'storageAccount',
        region,
        sku: source.sku,
        accountKind: source.kind,
        use: 'disks',
      },
    )
  );
}
