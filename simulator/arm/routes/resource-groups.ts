// The routes of resource groups and of the resources in them.

import * as z from 'zod';

import type { SimulatorResponse } from '../../wire/exchange.ts';
import { armError, groupNotFound, invalidRequest, noContent, ok, withoutHidden } from '../responses.ts';
import { groupResource } from '../build/common.ts';
import { acceptOperation } from '../operation-polling.ts';
import { resourceGroupIdFor } from '../ids.ts';
import {
  get,
  RESOURCE_GROUP,
  listPageOfAllRegions,
  patch,
  put,
  remove,
  SUBSCRIPTION,
  type ArmRequest,
  type ArmRoute,
  type PathParameters,
} from '../request.ts';
import { GROUPED_RESOURCE_TYPES, RESOURCE_TYPES } from '../resource-types.ts';
import type { Resource } from '../resource.ts';

const bodyShape = z.looseObject({
  location: z.string().optional(),
  tags: z.record(z.string(), z.string()).nullish(),
});

const NAME = /^[\p{L}\p{N}_.()-]{0,89}[\p{L}\p{N}_()-]$/u;

function createGroup(
  request: ArmRequest,
  { subscription = '', group = '' }: PathParameters,
): SimulatorResponse {
  const { world, exchange } = request;
  const read = bodyShape.safeParse(exchange.json());
  if (!read.success) return invalidRequest(z.prettifyError(read.error));
  const { location, tags } = read.data;
  if (!NAME.test(group))
    return armError(
      400,
      'InvalidResourceGroup',
      `The provided resource group name '${group}' has these invalid characters: ` +
        `'${group.replaceAll(/[\p{L}\p{N}_.()-]/gu, '')}'. The name can only be a letter, digit, ` +
        `'-', '.', '(', ')' or '_'.`,
    );
  if (location === undefined)
    return armError(400, 'LocationRequired', 'The location property is required for this definition.');
  const region = world.region(location);
  if (!region)
    return armError(
      400,
      'LocationNotAvailableForResourceGroup',
      `The provided location '${location}' is not available for resource group. List of available regions is '${world
        .regions()
        .map(({ name }) => name)
        .join(',')}'.`,
    );
  const existing = world.get(resourceGroupIdFor(subscription, group));
  if (existing && existing.location !== region.name) {
    return armError(
      409,
      'InvalidResourceGroupLocation',
      `Invalid resource group location '${region.name}'. The Resource group already exists in ` +
        `location '${existing.location ?? ''}'.`,
    );
  }
  const resourceGroup = groupResource(
    existing?.id ?? resourceGroupIdFor(subscription, group),
    existing?.name ?? group,
    region.name,
    tags ?? undefined,
  );
  world.put(resourceGroup);
  return { status: existing ? 200 : 201, body: withoutHidden(resourceGroup) };
}

function withGroup(
  { world }: ArmRequest,
  { subscription = '', group = '' }: PathParameters,
  respond: (group: Resource) => SimulatorResponse,
): SimulatorResponse {
  const found = world.get(resourceGroupIdFor(subscription, group));
  return found ? respond(found) : groupNotFound(group);
}

function tagGroup(request: ArmRequest, names: PathParameters): SimulatorResponse {
  const read = bodyShape.safeParse(request.exchange.json());
  if (!read.success) return invalidRequest(z.prettifyError(read.error));
  return withGroup(request, names, (group) => {
    const changed: Resource = read.data.tags ? { ...group, tags: read.data.tags } : group;
    request.world.put(changed);
    return ok(withoutHidden(changed));
  });
}

/** Removes a group with all its resources. */
const removeGroup = (request: ArmRequest, names: PathParameters): SimulatorResponse =>
  withGroup(request, names, (group) =>
    request.world.transaction(() => {
      request.world.put({ ...group, properties: { ...group.properties, provisioningState: 'Deleting' } });
      const operation = {
        seconds: 90,
        effects: [{ kind: 'removeWhole' as const, id: group.id, types: GROUPED_RESOURCE_TYPES }],
        leadsTo: 'nothing' as const,
      };
      return acceptOperation(request, { resource: group.id, location: group.location ?? '', operation });
    }),
  );

/**
 * Lists resources. The only filter is a resource type, for example `resourceType eq
 * 'Microsoft.Compute/virtualMachines'`.
 */
function listResources(request: ArmRequest, under: string): SimulatorResponse | undefined {
  const filter = request.query.get('$filter');
  const type = filter === null ? undefined : /^resourceType eq '([^']+)'$/i.exec(filter)?.[1];
  if (filter !== null && type === undefined) return undefined;
  const found = GROUPED_RESOURCE_TYPES.filter(
    (candidate) => type === undefined || candidate.toLowerCase() === type.toLowerCase(),
  ).flatMap((listed) => request.world.list({ type: listed, under }));
  return listPageOfAllRegions(
    request,
    found,
    ({ id, name, type: resourceType, location, tags, sku, kind, zones, managedBy }) => ({
      id,
      name,
      type: resourceType,
      location,
      tags,
      sku,
      kind,
      zones,
      managedBy,
    }),
  );
}

export const groupRoutes: readonly ArmRoute[] = [
  get(`${SUBSCRIPTION}/resourceGroups`, (request, { subscription }) =>
    listPageOfAllRegions(
      request,
      request.world.list({ type: RESOURCE_TYPES.resourceGroup, under: `/subscriptions/${subscription}` }),
    ),
  ),
  get(RESOURCE_GROUP, (request, names) => withGroup(request, names, (group) => ok(withoutHidden(group)))),
  {
    method: 'HEAD',
    pattern: RESOURCE_GROUP,
    answer: ({ world }, { subscription = '', group = '' }) =>
      world.get(resourceGroupIdFor(subscription, group)) ? noContent : { status: 404 },
  },
  put(RESOURCE_GROUP, createGroup),
  patch(RESOURCE_GROUP, tagGroup),
  remove(RESOURCE_GROUP, removeGroup),
  get(`${SUBSCRIPTION}/resources`, (request, { subscription }) =>
    listResources(request, `/subscriptions/${subscription}`),
  ),
  get(`${RESOURCE_GROUP}/resources`, (request, names) =>
    withGroup(request, names, (group) => listResources(request, group.id) ?? ok({ value: [] })),
  ),
];
