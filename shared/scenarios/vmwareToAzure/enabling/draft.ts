// Decides the settings of one VM of a vCenter, with the reasons against its enabling. Pure.
import { nameOf } from '../../../core/armId.ts';
import { ENABLING_FAILED, sameId } from '../../../siterecovery/item.ts';
import type { SiteMachine } from '../../../azure/facts.ts';
import type { Prerequisite } from '../../../azure/prerequisite.ts';
import type { Refusal } from '../../../core/refusal.ts';
import type { NicSettings, VmSettings } from '../../../siterecovery/vmSettings.ts';
import { enablingFailedRefusal } from '../../enabling/enablingFailed.ts';
import { keyOf } from '../../enabling/lookup.ts';
import { findNic } from '../../enabling/nics.ts';
import { emptyNotes, formatList, recordChoice, refuse, type Notes } from '../../enabling/notes.ts';
import type { MachineDraft } from '../../enabling/onPremises/preview.ts';
import {
  checkSize,
  chooseAvailability,
  chooseNetwork,
  choosePlacementGroup,
  chooseStorage,
  resourceGroupPart,
  targetNameOf,
} from '../../enabling/onPremises/target.ts';
import { AZURE } from '../prerequisites.ts';
import type { VaultParts } from './parts.ts';
import { DEFAULT_DISK_TYPE, settingsOf, type VmwareVmSettings } from './request.ts';
import { machinesNamed, type VmwareScope } from './scope.ts';

const MAX_DISKS = 63;

/** The reasons against the protection of a machine, whatever its target. */
export const refusalsOfMachine = (machine: SiteMachine): readonly Refusal[] => [
  ...machine.readinessErrors.map((message) => ({ code: 'NotReadyOnHost', message })),
  ...(machine.isRunning === false
    ? [{ code: 'MachineOff', message: 'It does not run, so no agent can be installed. Start it first.' }]
    : []),
  ...(machine.disks.length === 0
    ? [{ code: 'NoDisks', message: 'Site Recovery shows no disk of it. Wait for the next discovery.' }]
    : []),
  ...(machine.disks.length > MAX_DISKS
    ? [{ code: 'TooManyDisks', message: `It has more than ${MAX_DISKS} disks.` }]
    : []),
];

/** Drafts one VM of the request. */
export function draftVmwareVm(scope: VmwareScope, vaultParts: VaultParts, id: string): MachineDraft {
  const notes = emptyNotes();
  const found = machinesNamed(scope.site?.machines ?? [], id);
  const [machine] = found;
  if (!machine || found.length > 1) {
    refuse(
      notes,
      'VmUnknown',
      machine
        ? `The site ${scope.request.source.site} has ${found.length} machines "${id}". Name one by its id: ` +
            `${formatList(found.map((other) => other.id))}.`
        : `The site ${scope.request.source.site} has no machine "${nameOf(id)}". GET ` +
            '/api/v1/sources/sites lists its machines.',
    );
    return { id, machine: undefined, itemId: null, notes, parts: [], settings: undefined };
  }
  const item = scope.lookup.itemBySourceVm.get(keyOf(machine.id));
  const itemId = item?.id ?? machine.itemId;
  if (item?.protectionState === ENABLING_FAILED) notes.refusals.push(enablingFailedRefusal(item.id));
  if (itemId !== null) return { id, machine, itemId, notes, parts: [], settings: undefined };
  const elsewhere = scope.lookup.facts.otherVaultNames[keyOf(machine.id)];
  if (elsewhere !== undefined)
    refuse(notes, 'AlreadyProtected', `It replicates already, in the vault ${elsewhere}.`);
  notes.refusals.push(...refusalsOfMachine(machine));
  const requested = settingsOf(scope.request, [machine.id, machine.name, id]);
  const group = resourceGroupPart(scope, requested.resourceGroup ?? `${scope.request.source.site}-asr`);
  const settings = decideSettings(scope, machine, requested, group, vaultParts, notes);
  return { id, machine, itemId: null, notes, parts: [group], settings };
}

function decideSettings(
  scope: VmwareScope,
  machine: SiteMachine,
  requested: VmwareVmSettings,
  group: Prerequisite,
  { policy }: VaultParts,
  notes: Notes,
): VmSettings | undefined {
  if (!scope.server)
    refuse(
      notes,
      'ServerUnknown',
      'The request names no appliance or process server in "source.server". The site has: ' +
        `${formatList((scope.site?.hosts ?? []).map(({ name }) => name))}.`,
    );
  if (requested.managedDisks === false)
    refuse(notes, 'ManagedDisksOnly', 'VMware VMs replicate to managed disks. Leave "managedDisks" out.');
  const disks = chooseDisks(machine, requested, notes);
  const network = chooseNetwork(scope, requested, notes);
  const storageAccountId = chooseLogAccount(scope, requested, notes);
  const availability = chooseAvailability(scope, requested, group, notes);
  const placementGroupId = choosePlacementGroup(scope, requested, group, true, notes);
  if (requested.size !== undefined) checkSize(scope, requested.size, machine, notes);
  const nics = chooseNics(scope, machine, requested, network?.id, notes);
  if (notes.refusals.length > 0 || !network || !storageAccountId) return undefined;
  const { server, account, request } = scope;
  recordChoice(notes, 'resourceGroup', group.name, group.reason);
  recordChoice(notes, 'network', nameOf(network.id), 'It was asked for.');
  recordChoice(notes, 'subnet', network.subnet, network.reason);
  recordChoice(notes, 'storageAccount', nameOf(storageAccountId), 'It receives the changes.');
  recordChoice(notes, 'server', server?.name ?? '', 'It was asked for.');
  recordChoice(
    notes,
    'diskType',
    requested.diskType ?? DEFAULT_DISK_TYPE,
    'The managed disks in Azure get this type.',
  );
  if (requested.size !== undefined) recordChoice(notes, 'size', requested.size, 'It was asked for.');
  return {
    containerId: scope.site?.containerId ?? '',
    recoveryContainerId: AZURE,
    policyId: policy.id,
    resourceGroupId: group.id,
    networkId: network.id,
    nics,
    size: requested.size ?? null,
    availability,
    placementGroupId,
    multiVmGroup: request.multiVmGroup === undefined ? null : { name: request.multiVmGroup, id: null },
    disks: [],
    onPremises: {
      osType: requested.osType ?? machine.osType ?? 'Windows',
      osDiskId: disks.osDiskId,
      diskIds: disks.ids,
      targetName: requested.name ?? targetNameOf(machine.name),
      subnet: network.subnet,
      storageAccountId,
      managedDisks: true,
      replication: {
        form: scope.forms.toAzure,
        serverId: server?.id ?? '',
        accountId: account?.id ?? null,
        diskType: requested.diskType ?? DEFAULT_DISK_TYPE,
      },
    },
  };
}

/** A log account buffers the changes, which a premium account cannot. */
function chooseLogAccount(scope: VmwareScope, requested: VmwareVmSettings, notes: Notes): string | undefined {
  const id = chooseStorage(scope, requested, notes);
  const account = id === undefined ? undefined : scope.lookup.storageAccounts.get(keyOf(id));
  if (account && /^premium/i.test(account.sku)) {
    refuse(
      notes,
      'LogAccountPremium',
      `The storage account ${account.name} is a premium one; changes need a standard account in ` +
        `${scope.target.region}.`,
    );
    return undefined;
  }
  return id;
}

/** Site Recovery does not show the disk with the operating system, and cannot replicate without it. */
function chooseDisks(
  { disks }: SiteMachine,
  { osDisk, excludeDisks = [] }: VmwareVmSettings,
  notes: Notes,
): { readonly osDiskId: string; readonly ids: readonly string[] } {
  const names = formatList(disks.map(({ name }) => name));
  const find = (nameOrId: string) => {
    const found = disks.find(({ id, name }) => sameId(id, nameOrId) || sameId(name, nameOrId));
    if (!found) refuse(notes, 'DiskUnknown', `It has no disk "${nameOrId}". Its disks are: ${names}.`);
    return found;
  };
  const [only] = disks;
  const systemDisk = osDisk === undefined ? (disks.length === 1 ? only : undefined) : find(osDisk);
  const excluded = new Set(excludeDisks.flatMap((disk) => find(disk)?.id ?? []));
  if (excludeDisks.length > 0 && osDisk === undefined && disks.length > 1)
    refuse(
      notes,
      'OsDiskMissing',
      'The request leaves out disks, and Site Recovery does not show which disk holds the operating system. ' +
        `Name it in "osDisk": ${names}.`,
    );
  if (systemDisk && excluded.has(systemDisk.id))
    refuse(
      notes,
      'OsDiskLeftOut',
      `The disk ${systemDisk.name} holds the operating system and cannot be left out.`,
    );
  return {
    osDiskId: systemDisk?.id ?? '',
    ids: disks.filter(({ id }) => !excluded.has(id)).map(({ id }) => id),
  };
}

/** The network interfaces that an update sets after the enabling. */
function chooseNics(
  { lookup }: VmwareScope,
  { name, nics = [] }: SiteMachine,
  { nics: requested = [] }: VmwareVmSettings,
  networkId: string | undefined,
  notes: Notes,
): readonly NicSettings[] {
  const subnets = networkId === undefined ? [] : (lookup.networks.get(keyOf(networkId))?.subnets ?? []);
  const current = nics.map((nic) => ({ id: nic.id, subnet: '', address: nic.address }));
  return requested.flatMap((wanted) => {
    const named = nics.find((nic) => sameId(nic.name, wanted.nic));
    const nic = findNic({ name, nics: current }, named?.id ?? wanted.nic, notes);
    if (!nic) return [];
    if (wanted.subnet !== undefined && !subnets.some((subnet) => sameId(subnet.name, wanted.subnet ?? ''))) {
      refuse(
        notes,
        'SubnetUnknown',
        `The target network has no subnet "${wanted.subnet}". Its subnets are: ` +
          `${formatList(subnets.map((subnet) => subnet.name))}.`,
      );
      return [];
    }
    return [
      {
        id: nic.id,
        name: named?.name ?? nameOf(nic.id),
        primary: nics[0]?.id === nic.id,
        sourceSubnet: '',
        subnet: wanted.subnet ?? '',
        address: wanted.address ?? null,
      },
    ];
  });
}
