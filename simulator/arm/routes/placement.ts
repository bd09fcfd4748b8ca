// Availability sets and proximity placement groups.

import * as z from 'zod';

import type { Answer } from '../../wire/exchange.ts';
import { armError, invalidParameter, invalidRequest, shown } from '../answers.ts';
import { availabilitySetResource, placementGroupResource } from '../build/machines.ts';
import { machinesInSet, machinesNear, mostFaultDomains, setsNear } from '../capacity.ts';
import { kindRoutes, type Kind, type Made, type Wanted } from '../kinds.ts';
import type { ArmRequest, ArmRoute } from '../request.ts';
import { TYPES } from '../types.ts';
import type { Resource } from '../resource.ts';

const links = (resources: readonly Resource[]) => resources.map(({ id }) => ({ id }));

/** Its machines are told by the machines. */
const withProperties = (resource: Resource, properties: Readonly<Record<string, unknown>>): unknown =>
  shown({ ...resource, properties: { ...resource.properties, ...properties } });

const setShape = z.looseObject({
  platformFaultDomainCount: z.int().min(1).max(3).optional(),
  platformUpdateDomainCount: z.int().min(1).max(20).optional(),
  proximityPlacementGroup: z.looseObject({ id: z.string() }).nullish(),
});

function makeSet({ world }: ArmRequest, { id, name, location, tags, sku, properties, before }: Wanted): Made {
  const read = setShape.safeParse(properties);
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
  const most = region ? mostFaultDomains(region, sku['name'] === 'Aligned') : 3;
  if ((platformFaultDomainCount ?? 1) > most)
    return {
      refused: invalidParameter(
        `The specified fault domain count ${platformFaultDomainCount ?? ''} must fall in the ` +
          `range 1 to ${most}.`,
      ),
    };
  const made = availabilitySetResource({
    id,
    location,
    tags,
    aligned: sku['name'] === 'Aligned',
    ...(platformFaultDomainCount !== undefined && { faultDomains: platformFaultDomainCount }),
    ...(platformUpdateDomainCount !== undefined && { updateDomains: platformUpdateDomainCount }),
    ...(group && { proximityPlacementGroupId: group.id }),
  });
  const fixed = ['platformFaultDomainCount', 'platformUpdateDomainCount'].find(
    (key) => before && before.properties[key] !== made.properties[key],
  );
  if (fixed !== undefined)
    return {
      refused: armError(409, 'PropertyChangeNotAllowed', `Changing property '${fixed}' is not allowed.`),
    };
  return made;
}

function groupRefuses({ world }: ArmRequest, group: Resource): Answer | undefined {
  const [user] = [...machinesNear(world, group.id), ...setsNear(world, group.id)];
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

function setRefuses({ world }: ArmRequest, set: Resource): Answer | undefined {
  const [user] = machinesInSet(world, set.id);
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

const setKind: Kind = {
  type: TYPES.availabilitySet,
  body: ({ world }, set) => withProperties(set, { virtualMachines: links(machinesInSet(world, set.id)) }),
  make: makeSet,
  makes: 'replaced',
  patches: true,
  mayRemove: setRefuses,
  removes: 'settled',
};

const groupKind: Kind = {
  type: TYPES.proximityPlacementGroup,
  body: ({ world }, group) =>
    withProperties(group, {
      virtualMachines: links(machinesNear(world, group.id)),
      availabilitySets: links(setsNear(world, group.id)),
    }),
  make: ({ world }, { id, location, tags, zones, before }) => {
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
    return before ? { ...before, tags } : placementGroupResource({ id, location, zones, tags });
  },
  makes: 'settled',
  patches: true,
  mayRemove: groupRefuses,
  removes: 'settled',
};

export const placementRoutes: readonly ArmRoute[] = [...kindRoutes(setKind), ...kindRoutes(groupKind)];
