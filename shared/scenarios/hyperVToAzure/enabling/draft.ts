// Decides the settings of one VM of a Hyper-V site, with the reasons against its enabling. Pure.
import { nameOf, resourceGroupOf } from '../../../core/armId.ts';
import { ENABLING_FAILED, sameId } from '../../../siterecovery/item.ts';
import type { SiteMachine } from '../../../azure/facts.ts';
import type { Prerequisite } from '../../../azure/prerequisite.ts';
import type { Refusal } from '../../../core/refusal.ts';
import type { VmSettings } from '../../../siterecovery/vmSettings.ts';
import { enablingFailedRefusal } from '../../enabling/enablingFailed.ts';
import { keyOf } from '../../enabling/lookup.ts';
import { emptyNotes, formatList, recordChoice, refuse, warn, type Notes } from '../../enabling/notes.ts';
import { resourceGroupPart, type VaultParts } from './parts.ts';
import { settingsOf, type SiteVmSettings } from './request.ts';
import type { SiteScope } from './scope.ts';

/** The decisions about one VM. `settings` is missing after a refusal. */
export interface SiteVmDraft {
  readonly id: string;
  readonly machine: SiteMachine | undefined;
  readonly itemId: string | null;
  readonly notes: Notes;
  readonly parts: readonly Prerequisite[];
  readonly settings: VmSettings | undefined;
}

const MAX_DISKS = 64;

/** The reasons against the protection of a machine, whatever its target. */
export function refusalsOfMachine(machine: SiteMachine): readonly Refusal[] {
  return [
    ...machine.readinessErrors.map((message) => ({ code: 'NotReadyOnHost', message })),
    ...machine.unsupportedParts.map((part) => ({
      code: 'UnsupportedMachine',
      message: `It has ${part}, which Site Recovery cannot replicate. Remove it first.`,
    })),
    ...(machine.disks.length === 0
      ? [
          {
            code: 'NoDisks',
            message: 'Site Recovery shows no disk of it. Wait for the next report of its host.',
          },
        ]
      : []),
    ...(machine.disks.length > MAX_DISKS
      ? [{ code: 'TooManyDisks', message: `It has more than ${MAX_DISKS} disks.` }]
      : []),
  ];
}

/** Drafts one VM of the request. */
export function draftSiteVm(scope: SiteScope, vaultParts: VaultParts, id: string): SiteVmDraft {
  const notes = emptyNotes();
  const machine = scope.site?.machines.find((candidate) => sameId(candidate.id, id));
  if (!machine) {
    refuse(
      notes,
      'VmUnknown',
      `The site ${scope.request.source.site} has no machine ${nameOf(id)}. GET /api/v1/sources/sites lists its ` +
        'machines.',
    );
    return { id, machine, itemId: null, notes, parts: [], settings: undefined };
  }
  const item = scope.lookup.itemBySourceVm.get(keyOf(machine.id));
  const itemId = item?.id ?? machine.itemId;
  if (item?.protectionState === ENABLING_FAILED) notes.refusals.push(enablingFailedRefusal(item.id));
  if (itemId !== null) return { id, machine, itemId, notes, parts: [], settings: undefined };
  notes.refusals.push(...refusalsOfMachine(machine));
  const requested = settingsOf(scope.request, id);
  const group = resourceGroupPart(scope, requested.resourceGroup ?? `${scope.request.source.site}-asr`);
  const settings = decideSettings(scope, machine, requested, group, vaultParts, notes);
  return { id, machine, itemId: null, notes, parts: [group], settings };
}

function decideSettings(
  scope: SiteScope,
  machine: SiteMachine,
  requested: SiteVmSettings,
  group: Prerequisite,
  { policy }: VaultParts,
  notes: Notes,
): VmSettings | undefined {
  const osDiskId = chooseOsDisk(machine, requested, notes);
  const osType = requested.osType ?? machine.osType;
  if (osType === null)
    refuse(notes, 'OsTypeMissing', 'Site Recovery does not show its operating system. Name it in "osType".');
  const network = chooseNetwork(scope, requested, notes);
  const storageAccountId = chooseStorage(scope, requested, notes);
  const managedDisks = requested.managedDisks ?? true;
  const availability = chooseAvailability(scope, requested, group, notes);
  const placementGroupId = choosePlacementGroup(scope, requested, group, managedDisks, notes);
  if (requested.size !== undefined) checkSize(scope, requested.size, machine, notes);
  if (managedDisks || placementGroupId !== null) warnOfFailback(placementGroupId, notes);
  if (notes.refusals.length > 0 || !osDiskId || !osType || !network || !storageAccountId) return undefined;
  recordChoice(notes, 'resourceGroup', group.name, group.reason);
  recordChoice(notes, 'network', nameOf(network.id), 'It was asked for.');
  recordChoice(notes, 'subnet', network.subnet, network.reason);
  recordChoice(notes, 'storageAccount', nameOf(storageAccountId), 'It receives the changes of the host.');
  if (requested.size !== undefined) recordChoice(notes, 'size', requested.size, 'It was asked for.');
  return {
    containerId: scope.site?.containerId ?? '',
    recoveryContainerId: 'Microsoft Azure',
    policyId: policy.id,
    resourceGroupId: group.id,
    networkId: network.id,
    nics: [],
    size: requested.size ?? null,
    availability,
    placementGroupId,
    multiVmGroup: null,
    disks: [],
    onPremises: {
      osType,
      osDiskId,
      diskIds: machine.disks.map(({ id }) => id),
      targetName: requested.name ?? targetNameOf(machine.name),
      subnet: network.subnet,
      storageAccountId,
      managedDisks,
    },
  };
}

/** Azure allows fewer characters in the name of a VM than Hyper-V. */
const targetNameOf = (name: string): string =>
  name
    .replace(/[^A-Za-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64);

function chooseOsDisk(machine: SiteMachine, { osDisk }: SiteVmSettings, notes: Notes): string | undefined {
  const names = formatList(machine.disks.map(({ name }) => name));
  if (osDisk === undefined && machine.disks.length > 1) {
    refuse(
      notes,
      'OsDiskMissing',
      `It has ${machine.disks.length} disks, and Site Recovery does not show which one holds the operating ` +
        `system. Name it in "osDisk": ${names}.`,
    );
    return undefined;
  }
  const found =
    osDisk === undefined
      ? machine.disks[0]
      : machine.disks.find(({ id, name }) => sameId(id, osDisk) || sameId(name, osDisk));
  if (!found && osDisk !== undefined)
    refuse(notes, 'DiskUnknown', `It has no disk "${osDisk}". Its disks are: ${names}.`);
  return found?.id;
}

function chooseNetwork(
  { lookup, target }: SiteScope,
  { networkId, subnet }: SiteVmSettings,
  notes: Notes,
): { readonly id: string; readonly subnet: string; readonly reason: string } | undefined {
  if (networkId === undefined) {
    refuse(notes, 'NetworkMissing', `Name the network in ${target.region} in "networkId".`);
    return undefined;
  }
  const network = lookup.networks.get(keyOf(networkId));
  if (!network) {
    refuse(notes, 'NetworkUnknown', `The network ${networkId} does not exist, or cannot be seen.`);
    return undefined;
  }
  if (network.region !== target.region || !sameId(network.subscription, target.subscription)) {
    refuse(
      notes,
      'NetworkElsewhere',
      `The network ${network.name} is in ${network.region}; it must be in ${target.region}, in the target ` +
        'subscription.',
    );
    return undefined;
  }
  const found =
    subnet === undefined ? network.subnets[0] : network.subnets.find(({ name }) => sameId(name, subnet));
  if (!found) {
    refuse(
      notes,
      'SubnetUnknown',
      `The network ${network.name} has no subnet "${subnet ?? ''}". Its subnets are: ` +
        `${formatList(network.subnets.map(({ name }) => name))}.`,
    );
    return undefined;
  }
  const reason = subnet === undefined ? 'It is the first subnet of the network.' : 'It was asked for.';
  return { id: network.id, subnet: found.name, reason };
}

function chooseStorage(
  { lookup, target }: SiteScope,
  { storageAccountId }: SiteVmSettings,
  notes: Notes,
): string | undefined {
  if (storageAccountId === undefined) {
    refuse(
      notes,
      'StorageMissing',
      `Name the storage account in ${target.region} that receives the changes, in "storageAccountId".`,
    );
    return undefined;
  }
  const account = lookup.storageAccounts.get(keyOf(storageAccountId));
  if (!account)
    refuse(
      notes,
      'StorageUnknown',
      `The storage account ${storageAccountId} does not exist, or cannot be seen.`,
    );
  else if (account.region !== target.region)
    refuse(
      notes,
      'StorageElsewhere',
      `The storage account ${account.name} is in ${account.region}; it must be in ${target.region}.`,
    );
  else return account.id;
  return undefined;
}

function chooseAvailability(
  { lookup, target }: SiteScope,
  { availabilitySetId }: SiteVmSettings,
  group: Prerequisite,
  notes: Notes,
): VmSettings['availability'] {
  if (availabilitySetId === undefined) return { type: 'single' };
  const set = lookup.availabilitySets.get(keyOf(availabilitySetId));
  if (!set)
    refuse(
      notes,
      'SetUnknown',
      `The availability set ${availabilitySetId} does not exist, or cannot be seen.`,
    );
  else if (set.region !== target.region)
    refuse(
      notes,
      'SetElsewhere',
      `The availability set ${set.name} is in ${set.region}, not in ${target.region}.`,
    );
  else if (!sameId(resourceGroupOf(set.id), group.id))
    refuse(notes, 'SetInOtherGroup', `The availability set ${set.name} is not in the target resource group.`);
  return { type: 'set', setId: set?.id ?? availabilitySetId };
}

function choosePlacementGroup(
  { lookup, target }: SiteScope,
  { placementGroupId }: SiteVmSettings,
  group: Prerequisite,
  managedDisks: boolean,
  notes: Notes,
): string | null {
  if (placementGroupId === undefined) return null;
  const found = lookup.placementGroups.get(keyOf(placementGroupId));
  if (!managedDisks)
    refuse(
      notes,
      'PlacementGroupNeedsManagedDisks',
      'Its disks would not be managed after a failover, so it cannot be in a proximity placement group.',
    );
  if (!found)
    refuse(
      notes,
      'PlacementGroupUnknown',
      `The proximity placement group ${placementGroupId} does not exist, or cannot be seen. Lifeboat makes ` +
        'none for this scenario.',
    );
  else if (found.region !== target.region)
    refuse(
      notes,
      'PlacementGroupElsewhere',
      `The proximity placement group ${found.name} is in ${found.region}, not in ${target.region}.`,
    );
  else if (!sameId(resourceGroupOf(found.id), group.id))
    refuse(
      notes,
      'PlacementGroupInOtherGroup',
      `The proximity placement group ${found.name} is in the resource group ` +
        `${nameOf(resourceGroupOf(found.id))}; the VM must be in the same one.`,
    );
  return found?.id ?? placementGroupId;
}

function checkSize(scope: SiteScope, name: string, machine: SiteMachine, notes: Notes): void {
  const size = scope.lookup.findSize(scope.target.region, name);
  if (!size || size.restricted)
    refuse(
      notes,
      'SizeNotThere',
      `The target subscription cannot have the size ${name} in ${scope.target.region}.`,
    );
  else if (size.dataDisks < machine.disks.length - 1)
    refuse(
      notes,
      'SizeNotThere',
      `The size ${name} takes ${size.dataDisks} data disks, and it has ${machine.disks.length - 1}.`,
    );
}

function warnOfFailback(placementGroupId: string | null, notes: Notes): void {
  warn(
    notes,
    'FailbackNotPossible',
    `After a failover it cannot fail back to Hyper-V: ${
      placementGroupId === null ? 'its disks are managed' : 'it is in a proximity placement group'
    }. For a way back, set "managedDisks" to false and name no placement group.`,
  );
}
