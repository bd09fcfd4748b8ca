// Resource groups, and the list of what lies in them.

import * as z from 'zod';

import type { Answer } from '../../wire/exchange.ts';
import { armError, groupNotFound, invalidRequest, noContent, ok, shown } from '../answers.ts';
import { groupResource } from '../build/common.ts';
import { acceptedWork } from '../follow.ts';
import { groupId } from '../ids.ts';
import {
  get,
  GROUP,
  pageOfAll,
  patch,
  put,
  remove,
  SUBSCRIPTION,
  type ArmRequest,
  type ArmRoute,
  type Names,
} from '../request.ts';
import { RESOURCES, TYPES } from '../types.ts';
import type { Resource } from '../resource.ts';

const bodyShape = z.looseObject({
  location: z.string().optional(),
  tags: z.record(z.string(), z.string()).nullish(),
});

const NAME = /^[\p{L}\p{N}_.()-]{0,89}[\p{L}\p{N}_()-]$/u;

function makeGroup(request: ArmRequest, { subscription = '', group = '' }: Names): Answer {
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
  const before = world.get(groupId(subscription, group));
  if (before && before.location !== region.name) {
    return armError(
      409,
      'InvalidResourceGroupLocation',
      `Invalid resource group location '${region.name}'. The Resource group already exists in ` +
        `location '${before.location ?? ''}'.`,
    );
  }
  const made = groupResource(
    before?.id ?? groupId(subscription, group),
    before?.name ?? group,
    region.name,
    tags ?? undefined,
  );
  world.put(made);
  return { status: before ? 200 : 201, body: shown(made) };
}

function atGroup(
  { world }: ArmRequest,
  { subscription = '', group = '' }: Names,
  go: (group: Resource) => Answer,
): Answer {
  const found = world.get(groupId(subscription, group));
  return found ? go(found) : groupNotFound(group);
}

function tagGroup(request: ArmRequest, names: Names): Answer {
  const read = bodyShape.safeParse(request.exchange.json());
  if (!read.success) return invalidRequest(z.prettifyError(read.error));
  return atGroup(request, names, (group) => {
    const changed: Resource = read.data.tags ? { ...group, tags: read.data.tags } : group;
    request.world.put(changed);
    return ok(shown(changed));
  });
}

/** Everything in it goes with it. */
const removeGroup = (request: ArmRequest, names: Names): Answer =>
  atGroup(request, names, (group) =>
    request.world.transaction(() => {
      request.world.put({ ...group, properties: { ...group.properties, provisioningState: 'Deleting' } });
      const operation = {
        seconds: 90,
        effects: [{ kind: 'removeWhole' as const, id: group.id, types: RESOURCES }],
        leadsTo: 'nothing' as const,
      };
      return acceptedWork(request, { resource: group.id, location: group.location ?? '', operation });
    }),
  );

/**
 * `resourceType eq 'Microsoft.Compute/virtualMachines'` is all of the filter's language that is
 * spoken here.
 */
function resources(request: ArmRequest, under: string): Answer | undefined {
  const filter = request.query.get('$filter');
  const type = filter === null ? undefined : /^resourceType eq '([^']+)'$/i.exec(filter)?.[1];
  if (filter !== null && type === undefined) return undefined;
  const found = RESOURCES.filter(
    (one) => type === undefined || one.toLowerCase() === type.toLowerCase(),
  ).flatMap((one) => request.world.list({ type: one, under }));
  return pageOfAll(
    request,
    found,
    ({ id, name, type: its, location, tags, sku, kind, zones, managedBy }) => ({
      id,
      name,
      type: its,
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
    pageOfAll(
      request,
      request.world.list({ type: TYPES.resourceGroup, under: `/subscriptions/${subscription}` }),
    ),
  ),
  get(GROUP, (request, names) => atGroup(request, names, (group) => ok(shown(group)))),
  {
    method: 'HEAD',
    pattern: GROUP,
    answer: ({ world }, { subscription = '', group = '' }) =>
      world.get(groupId(subscription, group)) ? noContent : { status: 404 },
  },
  put(GROUP, makeGroup),
  patch(GROUP, tagGroup),
  remove(GROUP, removeGroup),
  get(`${SUBSCRIPTION}/resources`, (request, { subscription }) =>
    resources(request, `/subscriptions/${subscription}`),
  ),
  get(`${GROUP}/resources`, (request, names) =>
    atGroup(request, names, (group) => resources(request, group.id) ?? ok({ value: [] })),
  ),
];
