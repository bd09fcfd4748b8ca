// Storage accounts: the cache in the source region, and homes in the target region for disks that
// are not managed.
import { groupNameOf, isClassicId } from '../../../core/armId.ts';
import { wrongCache } from '../../../azure/cacheAccount.ts';
import type { SourceDisk, StorageAccountFacts } from '../../../azure/facts.ts';
import type { Ground } from '../request/scope.ts';
import { targetGroup } from './resourceGroups.ts';
import { isIn, isOf, key } from '../lookup.ts';
import { accountNames, resourceIdOf, TYPES } from './names.ts';
import { choose, emptyNotes, listed, need, refuse, refuseToo, type Notes, type Planned } from '../notes.ts';
import { accountsIn, groupPart, part } from './prerequisites.ts';

const reused = (ground: Ground, account: StorageAccountFacts, why: string, use: 'cache' | 'disks'): Planned =>
  ground.once(`account ${key(account.id)} ${why}`, () =>
    part(
      'reuse',
      account.id,
      account.name,
      why,
      [groupPart(ground, account.subscription, groupNameOf(account.id), account.region)],
      {
        kind: 'storageAccount',
        region: account.region,
        sku: account.sku,
        accountKind: account.kind,
        use,
      },
    ),
  );

const accountNamed = (ground: Ground, name: string): StorageAccountFacts | undefined =>
  ground
    .once(
      'accounts by name',
      () => new Map([...ground.look.accounts.values()].map((one) => [key(one.name), one])),
    )
    .get(name);

/** The account that has one of the names already, where it must be; else the first name that nobody has. */
function firstFree(
  ground: Ground,
  names: readonly string[],
  isOurs: (account: StorageAccountFacts) => boolean,
): StorageAccountFacts | string | undefined {
  for (const name of names) {
    const there = accountNamed(ground, name);
    if (there && isOurs(there)) return there;
    if (!there && !ground.look.takenNames.has(name)) return name;
  }
  return undefined;
}

/** Standard, locally redundant, in the source region: one for all, unless one is given. */
export function cachePart(ground: Ground, wished: string | undefined, notes: Notes): Planned | false {
  if (wished !== undefined) return givenCache(ground, wished, notes);
  const own = ground.once('cache', () => {
    const notesOfCache = emptyNotes();
    return { part: ownCache(ground, notesOfCache), refusals: notesOfCache.refusals };
  });
  refuseToo(notes, own.refusals);
  return own.part && need(notes, own.part);
}

function givenCache(ground: Ground, id: string, notes: Notes): Planned | false {
  const { region } = ground.source;
  const there = ground.look.accounts.get(key(id));
  const instead = `Name one of ${region}: ${listed(
    accountsIn(ground, region, ground.source.subscription)
      .filter((one) => !wrongCache(one, one.id, region))
      .map((one) => one.id),
  )}; or name none, and one is made.`;
  const wrong = wrongCache(there, id, region);
  if (!there || wrong) return refuse(notes, wrong?.code ?? '', `${wrong?.message ?? ''} ${instead}`);
  return need(notes, reused(ground, there, 'It was asked for as the cache.', 'cache'));
}

function ownCache(ground: Ground, notes: Notes): Planned | false {
  const { region, subscription } = ground.source;
  const before = accountsIn(ground, region, subscription).find(({ madeAsCache }) => madeAsCache);
  if (before) return reused(ground, before, `It was made before as the cache of ${region}.`, 'cache');
  const names = accountNames(`cache${region.slice(0, 10)}`, `${ground.vault.id} ${region}`).slice(1);
  const name = firstFree(ground, names, () => false);
  if (typeof name !== 'string')
    return refuse(
      notes,
      'NoAccountName',
      `None of the names for a cache storage account is free: ${listed(names)}. Make one in ` +
        `${region} and name it: "cacheStorageAccountId".`,
    );
  const group = groupPart(ground, subscription, ground.vault.resourceGroup, region);
  return part(
    'create',
    resourceIdOf(group.id, TYPES.storageAccount, name),
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

export function cacheFor(
  ground: Ground,
  wished: string | undefined,
  what: string,
  notes: Notes,
): Planned | false {
  const cache = cachePart(ground, wished, notes);
  if (cache) choose(notes, what, cache.name, cache.reason);
  return cache;
}

/** Where an unmanaged disk goes: an account like the one it comes from. */
export function diskAccount(
  ground: Ground,
  disk: SourceDisk,
  wished: string | undefined,
  notes: Notes,
): Planned | false {
  const classic = isClassicId(disk.storageAccountId ?? '');
  if (wished !== undefined) return givenDiskAccount(ground, wished, classic, notes);
  const source =
    disk.storageAccountId === null ? undefined : ground.look.accounts.get(key(disk.storageAccountId));
  if (!source)
    return refuse(
      notes,
      'StorageAccountUnknown',
      `The storage account of the disk ${disk.name} (${disk.storageAccountId ?? 'not told'}) ` +
        'does not exist, or cannot be seen. Name the target account: "diskStorageAccountId".',
    );
  const own = ground.once(`disk account ${key(source.id)}`, () => {
    const notesOfAccount = emptyNotes();
    return {
      part: ownDiskAccount(ground, source, classic, notesOfAccount),
      refusals: notesOfAccount.refusals,
    };
  });
  refuseToo(notes, own.refusals);
  return own.part && need(notes, own.part);
}

function givenDiskAccount(ground: Ground, id: string, classic: boolean, notes: Notes): Planned | false {
  const { region, subscription } = ground.target;
  const there = ground.look.accounts.get(key(id));
  const instead =
    `Name one of ${region}: ` +
    `${listed(accountsIn(ground, region, subscription, classic).map((one) => one.id))}; or ` +
    `name none, and one like the source's is used.`;
  if (!there)
    return refuse(
      notes,
      'StorageAccountUnknown',
      `The storage account ${id} does not exist, or cannot be seen. ${instead}`,
    );
  if (!isIn(there, region))
    return refuse(
      notes,
      'DiskAccountElsewhere',
      `The storage account ${there.name} is in ${there.region}; disks are recovered in ${region}. ${instead}`,
    );
  if (!isOf(there, subscription))
    return refuse(
      notes,
      'DiskAccountElsewhere',
      `The storage account ${there.name} is of the subscription ${there.subscription}; a VM ` +
        `and the accounts of its disks are of one, ${subscription}. ${instead}`,
    );
  if (isClassicId(there.id) !== classic)
    return refuse(
      notes,
      'AccountOfOtherModel',
      `The storage account ${there.name} is of another deployment model than the disks. ${instead}`,
    );
  return need(notes, reused(ground, there, 'It was asked for, for the disks.', 'disks'));
}

function ownDiskAccount(
  ground: Ground,
  source: StorageAccountFacts,
  classic: boolean,
  notes: Notes,
): Planned | false {
  const { region, subscription } = ground.target;
  const names = accountNames(source.name, `${source.id} ${region} ${subscription}`);
  const found = firstFree(
    ground,
    names,
    (one) => isIn(one, region) && isOf(one, subscription) && isClassicId(one.id) === classic,
  );
  if (classic && typeof found !== 'object')
    return refuse(
      notes,
      'DiskAccountMissing',
      `In ${region} there is no classic storage account ${names[0] ?? ''} for the disks in ` +
        `${source.name}, and Azure makes no new ones. Name another in "diskStorageAccountId", ` +
        `one of: ${listed(accountsIn(ground, region, subscription, true).map(({ id }) => id))}.`,
    );
  if (found === undefined)
    return refuse(
      notes,
      'NoAccountName',
      `None of the names for an account like ${source.name} is free: ${listed(names)}. Make ` +
        `one in ${region} and name it: "diskStorageAccountId".`,
    );
  if (typeof found !== 'string')
    return reused(
      ground,
      found,
      `It has the name of the source's account ${source.name} with the suffix asr.`,
      'disks',
    );
  const group = targetGroup(ground, ground.wish.target.resourceGroup, groupNameOf(source.id), notes);
  return (
    group &&
    part(
      'create',
      resourceIdOf(group.part.id, TYPES.storageAccount, found),
      found,
      `A new account like the source's ${source.name}, with the suffix asr.`,
      [group.part],
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
