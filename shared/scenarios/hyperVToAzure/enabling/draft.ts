// Decides the settings of one VM of a Hyper-V site, with the reasons against its enabling. Pure.
import { nameOf } from '../../../core/armId.ts';
import { ENABLING_FAILED, sameId } from '../../../siterecovery/item.ts';
import type { SiteMachine } from '../../../azure/facts.ts';
import type { Prerequisite } from '../../../azure/prerequisite.ts';
import type { Refusal } from '../../../core/refusal.ts';
import type { VmSettings } from '../../../siterecovery/vmSettings.ts';
import { enablingFailedRefusal } from '../../enabling/enablingFailed.ts';
import { keyOf } from '../../enabling/lookup.ts';
import { emptyNotes, formatList, recordChoice, refuse, warn, type Notes } from '../../enabling/notes.ts';
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
import type { VaultParts } from './parts.ts';
import { settingsOf, type SiteVmSettings } from './request.ts';
import type { SiteScope } from './scope.ts';

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
export function draftSiteVm(scope: SiteScope, vaultParts: VaultParts, id: string): MachineDraft {
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

function warnOfFailback(placementGroupId: string | null, notes: Notes): void {
  warn(
    notes,
    'FailbackNotPossible',
    `After a failover it cannot fail back to Hyper-V: ${
      placementGroupId === null ? 'its disks are managed' : 'it is in a proximity placement group'
    }. For a way back, set "managedDisks" to false and name no placement group.`,
  );
}
