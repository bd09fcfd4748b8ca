// Managed disks and virtual machines as somebody makes them, in their simplest form; a machine that
// is there can be given another size or other data disks.

import * as z from 'zod';

import { armError, invalidRequest } from '../answers.ts';
import { textOf } from '../build/common.ts';
import { diskResource, machineResource, type MachineDisk } from '../build/machines.ts';
import { isSizeSold, quotaShort } from '../capacity.ts';
import { groupOf, parseArmId, resourceId, subscriptionOf } from '../ids.ts';
import type { Made, Wanted } from '../kinds.ts';
import type { ArmRequest } from '../request.ts';
import { TYPES } from '../types.ts';
import type { Resource, Properties } from '../resource.ts';

const KINDS = [
  'Standard_LRS',
  'StandardSSD_LRS',
  'StandardSSD_ZRS',
  'Premium_LRS',
  'Premium_ZRS',
  'PremiumV2_LRS',
  'UltraSSD_LRS',
];
const refuse = (status: number, code: string, message: string): Made => ({
  refused: armError(status, code, message),
});
const invalid = (error: z.ZodError): Made => ({ refused: invalidRequest(z.prettifyError(error)) });

const diskShape = z.looseObject({
  creationData: z.looseObject({ createOption: z.string() }),
  diskSizeGB: z.int().min(1).max(65_536).nullish(),
  osType: z.enum(['Windows', 'Linux']).nullish(),
});

function badZones({ world }: ArmRequest, { id, location, zones }: Wanted): Made | undefined {
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

export function makeDisk(request: ArmRequest, wanted: Wanted): Made {
  const { id, location, zones, tags, sku, properties, before } = wanted;
  const read = diskShape.safeParse(properties);
  if (!read.success) return invalid(read.error);
  const kind = textOf(sku['name']) ?? textOf(before?.sku?.['name']) ?? 'Standard_LRS';
  if (!KINDS.includes(kind))
    return refuse(
      400,
      'InvalidParameter',
      `The value '${kind}' of parameter sku.name is invalid. Allowed values are ${KINDS.join(', ')}.`,
    );
  const sizeInGb = read.data.diskSizeGB ?? (before?.properties['diskSizeGB'] as number | undefined);
  if (sizeInGb === undefined)
    return refuse(400, 'InvalidParameter', "Required parameter 'disk.diskSizeGB' is missing (null).");
  if (before && sizeInGb < Number(before.properties['diskSizeGB']))
    return refuse(
      409,
      'OperationNotAllowed',
      `Disk ${before.name} of size ${Number(before.properties['diskSizeGB'])} GB cannot be ` +
        `resized to ${sizeInGb} GB: the new size must be the same or larger.`,
    );
  return (
    badZones(request, wanted) ??
    diskResource({
      id,
      location,
      zones,
      sizeInGb,
      accountType: kind,
      tags,
      ...(read.data.osType && { osType: read.data.osType }),
      ...(before?.managedBy !== undefined && { machineId: before.managedBy }),
    })
  );
}

const link = z.looseObject({ id: z.string() });
const managed = z
  .looseObject({ id: z.string().nullish(), storageAccountType: z.string().nullish() })
  .nullish();
const diskUse = {
  name: z.string().nullish(),
  createOption: z.string(),
  diskSizeGB: z.int().min(1).nullish(),
  managedDisk: managed,
};
const machineShape = z.looseObject({
  hardwareProfile: z.looseObject({ vmSize: z.string() }),
  storageProfile: z.looseObject({
    osDisk: z.looseObject({ ...diskUse, osType: z.enum(['Windows', 'Linux']).nullish() }),
    dataDisks: z.array(z.looseObject({ ...diskUse, lun: z.int().min(0) })).nullish(),
  }),
  networkProfile: z.looseObject({ networkInterfaces: z.array(link).min(1) }),
  availabilitySet: link.nullish(),
  proximityPlacementGroup: link.nullish(),
});
type Asked = z.infer<typeof machineShape>;
type DiskUse = Asked['storageProfile']['osDisk'];

/**
 * What a machine needs before it can be made: its size, cores, network interfaces, and where it is
 * to stand.
 */
function hindrance(
  request: ArmRequest,
  wanted: Wanted,
  { hardwareProfile: { vmSize }, networkProfile, availabilitySet, proximityPlacementGroup }: Asked,
): Made | undefined {
  const { world, faults } = request;
  const { id, location, before } = wanted;
  const region = world.region(location);
  if (!region || !isSizeSold(region, vmSize))
    return refuse(
      409,
      'SkuNotAvailable',
      `The requested VM size ${vmSize} is currently not available in location '${location}'. ` +
        'Please try another size or deploy to a different location.',
    );
  const isNewSize =
    (before?.properties['hardwareProfile'] as { vmSize?: string } | undefined)?.vmSize !== vmSize;
  const short = isNewSize
    ? quotaShort(world, faults, parseArmId(id)?.subscription ?? '', region, vmSize)
    : undefined;
  if (short)
    return refuse(
      409,
      'OperationNotAllowed',
      `Operation could not be completed as it results in exceeding approved ${short.name} ` +
        `Cores quota. Location: ${location}, Current Limit: ${short.limit}, Current Usage: ` +
        `${short.used}.`,
    );
  const missing = [
    ...networkProfile.networkInterfaces.map((nic) => nic.id),
    availabilitySet?.id,
    proximityPlacementGroup?.id,
  ].find(
    (one) =>
      one !== undefined &&
      (world.get(one)?.location !== location || subscriptionOf(one) !== subscriptionOf(id)),
  );
  if (missing !== undefined)
    return refuse(
      400,
      'InvalidParameter',
      `Resource '${missing}' that the VM '${wanted.name}' refers to was not found in location '${location}'.`,
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

interface Laid {
  readonly use: MachineDisk;
  readonly resource: Resource;
}

/** A disk that is attached must be there and free; any other is made. */
function layDisk(
  { world }: ArmRequest,
  wanted: Wanted,
  use: DiskUse,
  usual: string,
  osType?: string,
): Laid | { readonly refused: Made } {
  const { id, location, zones } = wanted;
  const given = use.managedDisk?.id ?? undefined;
  const diskId = given ?? resourceId(groupOf(id), TYPES.disk, use.name ?? usual);
  const there = world.get(diskId);
  if (use.createOption === 'Attach' && !there)
    return { refused: refuse(404, 'NotFound', `Disk ${diskId} is not found.`) };
  if (there?.managedBy !== undefined && there.managedBy.toLowerCase() !== id.toLowerCase())
    return {
      refused: refuse(
        409,
        'ConflictingUserInput',
        `Disk '${diskId}' cannot be attached because it is already owned by VM '${there.managedBy}'.`,
      ),
    };
  const accountType = textOf(there?.sku?.['name']) ?? use.managedDisk?.storageAccountType ?? 'Standard_LRS';
  const sizeInGb = Number(
    there?.properties['diskSizeGB'] ?? use.diskSizeGB ?? (osType === undefined ? 32 : 127),
  );
  const made =
    there ??
    diskResource({
      id: diskId,
      location,
      zones,
      sizeInGb,
      accountType,
      ...(osType !== undefined && { osType }),
    });
  const resource: Resource = {
    ...made,
    managedBy: id,
    properties: { ...made.properties, diskState: 'Attached' },
  };
  return { use: { name: resource.name, sizeInGb, at: { id: resource.id, accountType } }, resource };
}

/** What the machine no longer has is let go of. */
function letGo({ world }: ArmRequest, id: string, kept: readonly Resource[]): void {
  const names = new Set(kept.map((disk) => disk.id.toLowerCase()));
  for (const { managedBy, ...disk } of world.list({ type: TYPES.disk })) {
    if (managedBy?.toLowerCase() === id.toLowerCase() && !names.has(disk.id.toLowerCase()))
      world.put({ ...disk, properties: { ...disk.properties, diskState: 'Unattached' } });
  }
}

export function makeMachine(request: ArmRequest, wanted: Wanted): Made {
  const { id, name, location, zones, tags, properties, before } = wanted;
  const read = machineShape.safeParse(properties);
  if (!read.success) return invalid(read.error);
  const {
    storageProfile: { osDisk, dataDisks },
    networkProfile,
    hardwareProfile,
    availabilitySet,
    proximityPlacementGroup,
  } = read.data;
  const bad = badZones(request, wanted) ?? hindrance(request, wanted, read.data);
  if (bad) return bad;
  const osType = osDisk.osType ?? 'Linux';
  const laid = [
    layDisk(request, wanted, osDisk, `${name}_OsDisk_1`, osType),
    ...(dataDisks ?? [])
      .toSorted((one, other) => one.lun - other.lun)
      .map((disk) => layDisk(request, wanted, disk, `${name}_DataDisk_${disk.lun}`)),
  ];
  const disks = laid.filter((one): one is Laid => 'use' in one);
  const refused = laid.find((one): one is { refused: Made } => 'refused' in one);
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
    letGo(
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
    return before?.hidden ? { ...machine, hidden: { ...machine.hidden, ...before.hidden } } : machine;
  });
}
