// The routes of availability sets and proximity placement groups.

import * as z from 'zod';

import type { SimulatorResponse } from '../../wire/exchange.ts';
import { armError, invalidParameter, invalidRequest, withoutHidden } from '../responses.ts';
import { availabilitySetResource, placementGroupResource } from '../build/machines.ts';
import {
  machinesInAvailabilitySet,
  machinesInPlacementGroup,
  maxFaultDomains,
  availabilitySetsInPlacementGroup,
} from '../capacity.ts';
import {
  kindRoutes,
  type ResourceKind,
  type CreationResult,
  type ResourceDefinition,
} from '../resource-kinds.ts';
import type { ArmRequest, ArmRoute } from '../request.ts';
import { RESOURCE_TYPES } from '../resource-types.ts';
import type { Resource } from '../resource.ts';

const resourceLinks = (resources: readonly Resource[]) => resources.map(({ id }) => ({ id }));

/** Builds a body. The lists of machines come from the machines themselves. */
const withProperties = (resource: Resource, properties: Readonly<Record<string, unknown>>): unknown =>
  withoutHidden({ ...resource, properties: { ...resource.properties, ...properties } });

const availabilitySetShape = z.looseObject({
  platformFaultDomainCount: z.int().min(1).max(3).optional(),
  platformUpdateDomainCount: z.int().min(1).max(20).optional(),
  proximityPlacementGroup: z.looseObject({ id: z.string() }).nullish(),
});

function createAvailabilitySet(
  { world }: ArmRequest,
  { id, name, location, tags, sku, properties, existing }: ResourceDefinition,
): CreationResult {
  const read = availabilitySetShape.safeParse(properties);
  if (!read.success) return { refused: invalidRequest(z.prettifyError(read.error)) };
  const { platformFaultDomainCount, platformUpdateDomainCount, proximityPlacementGroup } = read.data;
  const group = proximityPlacementGroup && world.get(proximityPlacementGroup.id);
  if (proximityPlacementGroup && !group)
    return { refused: armError(404, 'NotFound', `Resource ${proximityPlacementGroup.id} not found.`) };
  if (group && group.location !== location)
    return {
      refused: invalidParameter(
        `The proximity placement group '${group.name}' is in location '${group.location ?? ''}', ` +
          `the availability set '${name}' in '${location}'.`,
      ),
    };
  const region = world.region(location);
  const maxDomains = region ? maxFaultDomains(region, sku['name'] === 'Aligned') : 3;
  if ((platformFaultDomainCount ?? 1) > maxDomains)
    return {
      refused: invalidParameter(
        `The specified fault domain count ${platformFaultDomainCount ?? ''} must fall in the ` +
          `range 1 to ${maxDomains}.`,
      ),
    };
  const availabilitySet = availabilitySetResource({
    id,
    location,
    tags,
    aligned: sku['name'] === 'Aligned',
    ...(platformFaultDomainCount !== undefined && { faultDomains: platformFaultDomainCount }),
    ...(platformUpdateDomainCount !== undefined && { updateDomains: platformUpdateDomainCount }),
    ...(group && { proximityPlacementGroupId: group.id }),
  });
  const changedProperty = ['platformFaultDomainCount', 'platformUpdateDomainCount'].find(
    (key) => existing && existing.properties[key] !== availabilitySet.properties[key],
  );
  if (changedProperty !== undefined)
    return {
      refused: armError(
        409,
        'PropertyChangeNotAllowed',
        `Changing property '${changedProperty}' is not allowed.`,
      ),
    };
  return availabilitySet;
}

function placementGroupInUse({ world }: ArmRequest, group: Resource): SimulatorResponse | undefined {
  const [user] = [
    ...machinesInPlacementGroup(world, group.id),
    ...availabilitySetsInPlacementGroup(world, group.id),
  ];
  return (
    user &&
    armError(
      409,
      'OperationNotAllowed',
      `Proximity placement group '${group.name}' cannot be deleted. Before deleting it please ` +
        `ensure that it does not contain any VM, such as ${user.id}.`,
    )
  );
}

function availabilitySetInUse({ world }: ArmRequest, set: Resource): SimulatorResponse | undefined {
  const [user] = machinesInAvailabilitySet(world, set.id);
  return (
    user &&
    armError(
      409,
      'OperationNotAllowed',
      `Availability Set '${set.name}' cannot be deleted. Before deleting an Availability Set ` +
        `please ensure that it does not contain any VM, such as ${user.id}.`,
    )
  );
}

const availabilitySetKind: ResourceKind = {
  type: RESOURCE_TYPES.availabilitySet,
  body: ({ world }, set) =>
    withProperties(set, { virtualMachines: resourceLinks(machinesInAvailabilitySet(world, set.id)) }),
  create: createAvailabilitySet,
  creationStyle: 'replaced',
  canPatchTags: true,
  checkRemoval: availabilitySetInUse,
  removalStyle: 'settled',
};

const placementGroupKind: ResourceKind = {
  type: RESOURCE_TYPES.proximityPlacementGroup,
  body: ({ world }, group) =>
    withProperties(group, {
      virtualMachines: resourceLinks(machinesInPlacementGroup(world, group.id)),
      availabilitySets: resourceLinks(availabilitySetsInPlacementGroup(world, group.id)),
    }),
  create: ({ world }, { id, location, tags, zones, existing }) => {
    const missing = zones.find((zone) => !(world.region(location)?.zones ?? []).includes(zone));
    if (missing !== undefined)
      return {
        refused: armError(
          400,
          'AvailabilityZoneNotSupported',
          `The zone(s) '${missing}' for resource '${id}' is not supported. The supported zones for ` +
            `location '${location}' are '${(world.region(location)?.zones ?? []).join(',')}'.`,
        ),
      };
    return existing ? { ...existing, tags } : placementGroupResource({ id, location, zones, tags });
  },
  creationStyle: 'settled',
  canPatchTags: true,
  checkRemoval: placementGroupInUse,
  removalStyle: 'settled',
};

export const placementRoutes: readonly ArmRoute[] = [
  ...kindRoutes(availabilitySetKind),
  ...kindRoutes(placementGroupKind),
];
