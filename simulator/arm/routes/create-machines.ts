// Creates managed disks and virtual machines in their simplest form. A request can change the size
// or the data disks of an existing machine.

import * as z from 'zod';

import { armError, invalidRequest } from '../responses.ts';
import { textOf } from '../build/common.ts';
import { diskResource, machineResource, type MachineDisk } from '../build/machines.ts';
import { isSizeOffered, exceededQuota } from '../capacity.ts';
import { resourceGroupIdOf, parseArmId, resourceId, subscriptionOf } from '../ids.ts';
import type { CreationResult, ResourceDefinition } from '../resource-kinds.ts';
import type { ArmRequest } from '../request.ts';
import { RESOURCE_TYPES } from '../resource-types.ts';
import type { Resource, Properties } from '../resource.ts';

const DISK_SKUS = [
  'Standard_LRS',
  'StandardSSD_LRS',
  'StandardSSD_ZRS',
  'Premium_LRS',
  'Premium_ZRS',
  'PremiumV2_LRS',
  'UltraSSD_LRS',
];
const refuse = (status: number, code: string, message: string): CreationResult => ({
  refused: armError(status, code, message),
});
const invalidBody = (error: z.ZodError): CreationResult => ({
  refused: invalidRequest(z.prettifyError(error)),
});

const diskShape = z.looseObject({
  creationData: z.looseObject({ createOption: z.string() }),
  diskSizeGB: z.int().min(1).max(65_536).nullish(),
  osType: z.enum(['Windows', 'Linux']).nullish(),
});

function unsupportedZones(
  { world }: ArmRequest,
  { id, location, zones }: ResourceDefinition,
): CreationResult | undefined {
  const offered = world.region(location)?.zones ?? [];
  const missing = zones.find((zone) => !offered.includes(zone));
  return missing === undefined
    ? undefined
    : refuse(
        400,
        'AvailabilityZoneNotSupported',
        `The zone(s) '${missing}' for resource '${id}' is not supported. The supported zones for ` +
          `location '${location}' are '${offered.join(',')}'.`,
      );
}

export function createDisk(request: ArmRequest, definition: ResourceDefinition): CreationResult {
  const { id, location, zones, tags, sku, properties, existing } = definition;
  const read = diskShape.safeParse(properties);
  if (!read.success) return invalidBody(read.error);
  const kind = textOf(sku['name']) ?? textOf(existing?.sku?.['name']) ?? 'Standard_LRS';
  if (!DISK_SKUS.includes(kind))
    return refuse(
      400,
      'InvalidParameter',
      `The value '${kind}' of parameter sku.name is invalid. Allowed values are ${DISK_SKUS.join(', ')}.`,
    );
  const sizeInGb = read.data.diskSizeGB ?? (existing?.properties['diskSizeGB'] as number | undefined);
  if (sizeInGb === undefined)
    return refuse(400, 'InvalidParameter', "Required parameter 'disk.diskSizeGB' is missing (null).");
  if (existing && sizeInGb < Number(existing.properties['diskSizeGB']))
    return refuse(
      409,
      'OperationNotAllowed',
      `Disk ${existing.name} of size ${Number(existing.properties['diskSizeGB'])} GB cannot be ` +
        `resized to ${sizeInGb} GB: the new size must be the same or larger.`,
    );
  return (
    unsupportedZones(request, definition) ??
    diskResource({
      id,
      location,
      zones,
      sizeInGb,
      accountType: kind,
      tags,
      ...(read.data.osType && { osType: read.data.osType }),
      ...(existing?.managedBy !== undefined && { machineId: existing.managedBy }),
    })
  );
}

const linkShape = z.looseObject({ id: z.string() });
const managedDiskShape = z
  .looseObject({ id: z.string().nullish(), storageAccountType: z.string().nullish() })
  .nullish();
const diskShapeFields = {
  name: z.string().nullish(),
  createOption: z.string(),
  diskSizeGB: z.int().min(1).nullish(),
  managedDisk: managedDiskShape,
};
const machineShape = z.looseObject({
  hardwareProfile: z.looseObject({ vmSize: z.string() }),
  storageProfile: z.looseObject({
    osDisk: z.looseObject({ ...diskShapeFields, osType: z.enum(['Windows', 'Linux']).nullish() }),
    dataDisks: z.array(z.looseObject({ ...diskShapeFields, lun: z.int().min(0) })).nullish(),
  }),
  networkProfile: z.looseObject({ networkInterfaces: z.array(linkShape).min(1) }),
  availabilitySet: linkShape.nullish(),
  proximityPlacementGroup: linkShape.nullish(),
});
type MachineProperties = z.infer<typeof machineShape>;
type RequestedDisk = MachineProperties['storageProfile']['osDisk'];

/** Checks the size, the cores, the network interfaces and the placement of a new machine. */
function machineError(
  request: ArmRequest,
  definition: ResourceDefinition,
  {
    hardwareProfile: { vmSize },
    networkProfile,
    availabilitySet,
    proximityPlacementGroup,
  }: MachineProperties,
): CreationResult | undefined {
  const { world, faults } = request;
  const { id, location, existing } = definition;
  const region = world.region(location);
  if (!region || !isSizeOffered(region, vmSize))
    return refuse(
      409,
      'SkuNotAvailable',
      `The requested VM size ${vmSize} is currently not available in location '${location}'. ` +
        'Please try another size or deploy to a different location.',
    );
  const isNewSize =
    (existing?.properties['hardwareProfile'] as { vmSize?: string } | undefined)?.vmSize !== vmSize;
  const quota = isNewSize
    ? exceededQuota(world, faults, parseArmId(id)?.subscription ?? '', region, vmSize)
    : undefined;
  if (quota)
    return refuse(
      409,
      'OperationNotAllowed',
      `Operation could not be completed as it results in exceeding approved ${quota.name} ` +
        `Cores quota. Location: ${location}, Current Limit: ${quota.limit}, Current Usage: ` +
        `${quota.used}.`,
    );
  const missing = [
    ...networkProfile.networkInterfaces.map((nic) => nic.id),
    availabilitySet?.id,
    proximityPlacementGroup?.id,
  ].find(
    (linkedId) =>
      linkedId !== undefined &&
      (world.get(linkedId)?.location !== location || subscriptionOf(linkedId) !== subscriptionOf(id)),
  );
  if (missing !== undefined)
    return refuse(
      400,
      'InvalidParameter',
      `Resource '${missing}' that the VM '${definition.name}' refers to was not found in location '${location}'.`,
    );
  const usedBy = (nic: Resource | undefined): string | undefined =>
    (nic?.properties['virtualMachine'] as { id: string } | undefined)?.id;
  const taken = networkProfile.networkInterfaces.find(
    (nic) => (usedBy(world.get(nic.id)) ?? id).toLowerCase() !== id.toLowerCase(),
  );
  return (
    taken &&
    refuse(
      400,
      'NicInUse',
      `Network Interface ${taken.id} is used by existing VM ${usedBy(world.get(taken.id)) ?? ''}.`,
    )
  );
}

interface AttachedDisk {
  readonly use: MachineDisk;
  readonly resource: Resource;
}

/** Attaches a disk. An existing disk must be free. Other disks are new. */
function attachDisk(
  { world }: ArmRequest,
  definition: ResourceDefinition,
  use: RequestedDisk,
  defaultName: string,
  osType?: string,
): AttachedDisk | { readonly refused: CreationResult } {
  const { id, location, zones } = definition;
  const requestedId = use.managedDisk?.id ?? undefined;
  const diskId =
    requestedId ?? resourceId(resourceGroupIdOf(id), RESOURCE_TYPES.disk, use.name ?? defaultName);
  const existingDisk = world.get(diskId);
  if (use.createOption === 'Attach' && !existingDisk)
    return { refused: refuse(404, 'NotFound', `Disk ${diskId} is not found.`) };
  if (existingDisk?.managedBy !== undefined && existingDisk.managedBy.toLowerCase() !== id.toLowerCase())
    return {
      refused: refuse(
        409,
        'ConflictingUserInput',
        `Disk '${diskId}' cannot be attached because it is already owned by VM '${existingDisk.managedBy}'.`,
      ),
    };
  const accountType =
    textOf(existingDisk?.sku?.['name']) ?? use.managedDisk?.storageAccountType ?? 'Standard_LRS';
  const sizeInGb = Number(
    existingDisk?.properties['diskSizeGB'] ?? use.diskSizeGB ?? (osType === undefined ? 32 : 127),
  );
  const disk =
    existingDisk ??
    diskResource({
      id: diskId,
      location,
      zones,
      sizeInGb,
      accountType,
      ...(osType !== undefined && { osType }),
    });
  const resource: Resource = {
    ...disk,
    managedBy: id,
    properties: { ...disk.properties, diskState: 'Attached' },
  };
  return { use: { name: resource.name, sizeInGb, at: { id: resource.id, accountType } }, resource };
}

/** Detaches the disks that the machine no longer has. */
function detachOtherDisks({ world }: ArmRequest, id: string, kept: readonly Resource[]): void {
  const names = new Set(kept.map((disk) => disk.id.toLowerCase()));
  for (const { managedBy, ...disk } of world.list({ type: RESOURCE_TYPES.disk })) {
    if (managedBy?.toLowerCase() === id.toLowerCase() && !names.has(disk.id.toLowerCase()))
      world.put({ ...disk, properties: { ...disk.properties, diskState: 'Unattached' } });
  }
}

export function createMachine(request: ArmRequest, definition: ResourceDefinition): CreationResult {
  const { id, name, location, zones, tags, properties, existing } = definition;
  const read = machineShape.safeParse(properties);
  if (!read.success) return invalidBody(read.error);
  const {
    storageProfile: { osDisk, dataDisks },
    networkProfile,
    hardwareProfile,
    availabilitySet,
    proximityPlacementGroup,
  } = read.data;
  const error = unsupportedZones(request, definition) ?? machineError(request, definition, read.data);
  if (error) return error;
  const osType = osDisk.osType ?? 'Linux';
  const attachments = [
    attachDisk(request, definition, osDisk, `${name}_OsDisk_1`, osType),
    ...(dataDisks ?? [])
      .toSorted((a, b) => a.lun - b.lun)
      .map((disk) => attachDisk(request, definition, disk, `${name}_DataDisk_${disk.lun}`)),
  ];
  const disks = attachments.filter((attachment): attachment is AttachedDisk => 'use' in attachment);
  const refused = attachments.find((attachment) => 'refused' in attachment);
  if (refused) return refused.refused;
  const machine = machineResource({
    id,
    location,
    zones,
    size: hardwareProfile.vmSize,
    osType,
    disks: disks.map(({ use }) => use),
    nicIds: networkProfile.networkInterfaces.map((nic) => nic.id),
    tags,
    ...(availabilitySet && { availabilitySetId: availabilitySet.id }),
    ...(proximityPlacementGroup && { proximityPlacementGroupId: proximityPlacementGroup.id }),
  });
  const { world } = request;
  return world.transaction(() => {
    for (const { resource } of disks) world.put(resource);
    detachOtherDisks(
      request,
      id,
      disks.map(({ resource }) => resource),
    );
    for (const [index, { id: nicId }] of networkProfile.networkInterfaces.entries()) {
      const nic = world.get(nicId);
      if (nic)
        world.put({
          ...nic,
          properties: {
            ...nic.properties,
            primary: index === 0,
            virtualMachine: { id },
          } satisfies Properties,
        });
    }
    return existing?.hidden ? { ...machine, hidden: { ...machine.hidden, ...existing.hidden } } : machine;
  });
}
