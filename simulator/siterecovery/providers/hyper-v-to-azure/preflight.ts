// The checks of a job on a Hyper-V machine before it changes anything.

import { RESOURCE_TYPES } from '../../../arm/resource-types.ts';
import { providerRefuses, regionUnreachable, serverUnreachable } from '../../errors.ts';
import type { JobError } from '../../records.ts';
import { isSameName, lastSegment, type Vault } from '../../vault.ts';
import { targetResourceError } from '../common/target-checks.ts';
import { HYPER_V, type HyperVInput, type HyperVItem, type HyperVSettings } from './details.ts';
import { findRecoveryPoint, isSourceUnreachable } from './recovery-points.ts';
import { findReplication, hostOf, registeredHosts } from './site.ts';

type Check = (item: HyperVItem, input: HyperVInput, vault: Vault, now: number) => JobError | undefined;

const refuse = (causes: string, action: string): JobError => providerRefuses(HYPER_V, causes, action);

/** Returns an error when the machine's host does not answer. */
function sourceError(item: HyperVItem, vault: Vault): JobError | undefined {
  const machine = vault.onPremises.machine(item.details.machineId);
  if (!machine)
    return refuse(
      `The virtual machine '${item.details.name}' does not exist any more.`,
      'Name a protectable item of the container.',
    );
  const host = hostOf(vault, item.place.fabric, machine);
  if (!host)
    return refuse(
      `The Hyper-V host '${machine.server}' is not registered in the site.`,
      'Register the host with a registration key of the site.',
    );
  return isSourceUnreachable(item, vault) ? serverUnreachable(host.name) : undefined;
}

const regionError = ({ details: { region } }: HyperVItem, vault: Vault): JobError | undefined =>
  vault.conditions.isRegionDark(region) ? regionUnreachable(region) : undefined;

/** The account that receives the data must be in the vault's region. */
function storageError(vault: Vault, id: string): JobError | undefined {
  if (id === '')
    return refuse('The request names no storage account for the data.', 'Name a storage account.');
  const account = vault.azure.get(id);
  if (account?.type !== RESOURCE_TYPES.storageAccount)
    return refuse(`The storage account '${id}' does not exist.`, 'Create it, or name another.');
  return account.location === vault.location
    ? undefined
    : refuse(
        `The storage account '${lastSegment(id)}' is in '${account.location ?? ''}', and machines of this ` +
          `vault are replicated to '${vault.location}'.`,
        `Name a storage account in '${vault.location}'.`,
      );
}

/** A placement group needs managed disks in Azure. */
function targetError(
  given: Partial<HyperVSettings> | undefined,
  settings: HyperVSettings,
  vault: Vault,
): JobError | undefined {
  const all = { ...settings, ...given };
  if (all.placementGroupId !== null && !all.usesManagedDisks)
    return refuse(
      'A machine with unmanaged disks cannot be in a proximity placement group.',
      'Use managed disks for the machine in Azure, or leave the placement group out.',
    );
  return targetResourceError(
    HYPER_V,
    { resourceGroupId: settings.resourceGroupId, ...given },
    vault,
    vault.location,
  );
}

function diskError({ details }: HyperVItem, { disks, systemDiskId }: HyperVInput, vault: Vault) {
  const own = vault.onPremises.machine(details.machineId)?.disks ?? [];
  const list = own.map(({ id, name }) => `${name} (${id})`).join(', ');
  const isOwn = (wanted: string): boolean => own.some(({ id }) => isSameName(id, wanted));
  const unknown = [...(disks ?? []).map(({ diskId }) => diskId), systemDiskId ?? own[0]?.id ?? ''].find(
    (id) => !isOwn(id),
  );
  if (unknown !== undefined)
    return refuse(`The disk '${unknown}' is not part of the machine.`, `Name its disks: ${list}.`);
  if (own.length > 1 && systemDiskId === undefined)
    return refuse(
      `The machine has ${own.length} disks, and the request does not say which one holds the operating system.`,
      `Name that disk: ${list}.`,
    );
  return details.disks.some(({ isSystem }) => isSystem)
    ? undefined
    : refuse('The disk of the operating system is left out.', 'Name that disk too.');
}

const enable: Check = (item, input, vault) => {
  const { machineId, settings } = item.details;
  const problem = sourceError(item, vault) ?? regionError(item, vault);
  if (problem) return problem;
  const other = findReplication(vault, machineId, item.key);
  if (other)
    return refuse(
      `The virtual machine is replicated already, as '${other.name}'.`,
      'Disable that replication first.',
    );
  if (!vault.mapping(item.place, item.target, item.policy))
    return refuse(
      'No container mapping to Azure has this policy.',
      'Associate the policy with the site first.',
    );
  if (input.osType === undefined)
    return refuse(
      'The type of the operating system is not known.',
      'Say in the request whether it is Windows or Linux.',
    );
  const accounts = [settings.storageAccountId, ...(input.disks ?? []).map((disk) => disk.storageAccountId)];
  const wrongAccount = accounts
    .filter((id) => id !== undefined)
    .map((id) => storageError(vault, id))
    .find((error) => error !== undefined);
  return diskError(item, input, vault) ?? wrongAccount ?? targetError(input.settings, settings, vault);
};

const update: Check = (item, input, vault) => {
  const { settings, nics, disks } = item.details;
  const unknownNic = input.nics?.find(({ id }) => !nics.some((nic) => isSameName(nic.id, id)));
  if (unknownNic)
    return refuse(
      `The network interface '${unknownNic.id}' is not part of the machine.`,
      `Name its interfaces: ${nics.map(({ id }) => id).join(', ')}.`,
    );
  const unknownDisk = input.diskChanges?.find(({ id }) => !disks.some((disk) => isSameName(disk.id, id)));
  if (unknownDisk)
    return refuse(
      `The disk '${unknownDisk.id}' does not replicate.`,
      `Name one of the disks: ${disks.map(({ id }) => id).join(', ')}.`,
    );
  return targetError(input.settings, settings, vault);
};

const failover: Check = (item, input, vault, now) => {
  const dark = regionError(item, vault);
  if (dark) return dark;
  if (findRecoveryPoint(item, vault, now, input)) return undefined;
  return input.recoveryPointId === undefined
    ? refuse('The item has no recovery point of that kind yet.', 'Wait for the first recovery point.')
    : refuse(
        `The recovery point '${input.recoveryPointId}' does not exist.`,
        'List the recovery points of the item and name one of them.',
      );
};

const plannedFailover: Check = (item, input, vault, now) =>
  sourceError(item, vault) ?? failover(item, input, vault, now);

/** The host that gets the machine of a failback must answer. */
function homeError(item: HyperVItem, input: HyperVInput, vault: Vault): JobError | undefined {
  const { homeServerId } = input;
  if (homeServerId === undefined) return sourceError(item, vault);
  const host = registeredHosts(vault, item.place.fabric).find(({ id }) => isSameName(id, homeServerId));
  if (!host)
    return refuse(
      `The server '${homeServerId}' is not registered in the site.`,
      'Name a server of the site.',
    );
  if (vault.onPremises.isDark(host.name)) return serverUnreachable(host.name);
  const runs = vault.onPremises.machine(item.details.machineId)?.server;
  return host.name === runs || input.createsMissingMachine
    ? undefined
    : refuse(
        `The server '${host.name}' has no virtual machine '${item.details.name}'.`,
        'Let the failback create the virtual machine.',
      );
}

/** A failback from managed disks, or out of a placement group, is not supported. */
const failback: Check = (item, input, vault) => {
  const { settings, recovered } = item.details;
  const dark = regionError(item, vault);
  if (dark) return dark;
  const machine = vault.azure.get(recovered?.id ?? '');
  if (!machine)
    return refuse('The machine that was failed over does not exist any more.', 'Disable replication.');
  if (settings.usesManagedDisks)
    return refuse(
      'The machine in Azure has managed disks. A failback to Hyper-V needs unmanaged disks.',
      'Leave the machine in Azure, or copy its data by hand.',
    );
  if (machine.properties['proximityPlacementGroup'] !== undefined)
    return refuse(
      'The machine in Azure is in a proximity placement group. A failback to Hyper-V is not possible.',
      'Take the machine out of the placement group.',
    );
  return homeError(item, input, vault);
};

const reProtect: Check = (item, { settings }, vault) =>
  sourceError(item, vault) ??
  (settings?.storageAccountId === undefined ? undefined : storageError(vault, settings.storageAccountId));

const CHECKS: Readonly<Record<string, Check>> = {
  enable,
  update,
  unplannedFailover: failover,
  testFailover: failover,
  applyRecoveryPoint: failover,
  plannedFailover,
  failback,
  reProtect,
  repairReplication: (item, _input, vault) => sourceError(item, vault),
};

export const preflight = (
  operation: string,
  item: HyperVItem,
  input: HyperVInput,
  vault: Vault,
  now: number,
): JobError | undefined => CHECKS[operation]?.(item, input, vault, now);
