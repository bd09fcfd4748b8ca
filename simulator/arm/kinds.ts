// What ARM does with any kind of resource: list it, show it, make it, tag it, take it away. What
// differs stands in the kind.

import * as z from 'zod';

import type { Answer } from '../wire/exchange.ts';
import {
  armError,
  groupNotFound,
  invalidRequest,
  noContent,
  ok,
  regionUnavailable,
  resourceNotFound,
  shown,
} from './answers.ts';
import { regionsWith } from './capacity.ts';
import { isDark } from './conditions.ts';
import { acceptedWork, createdWork } from './follow.ts';
import { groupId, resourceId } from './ids.ts';
import {
  get,
  GROUP,
  page,
  patch,
  put,
  remove,
  SUBSCRIPTION,
  type ArmRequest,
  type ArmRoute,
  type Names,
} from './request.ts';
import type { Resource, Properties } from './resource.ts';

/** What every body that makes something may say. */
const envelope = z.looseObject({
  location: z.string().optional(),
  tags: z.record(z.string(), z.string()).nullish(),
  zones: z.array(z.string()).nullish(),
  sku: z.record(z.string(), z.unknown()).nullish(),
  kind: z.string().nullish(),
  properties: z.record(z.string(), z.unknown()).nullish(),
});

export interface Wanted {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly zones: readonly string[];
  readonly sku: Properties;
  readonly kind: string | undefined;
  readonly properties: Properties;
  /** What stands there already. */
  readonly before: Resource | undefined;
}

export type Refusal = { readonly refused: Answer };
export type Made = Resource | Refusal;

export interface Kind {
  readonly type: string;
  /** How it is shown; as it is kept, unless given. */
  readonly body?: (request: ArmRequest, resource: Resource) => unknown;
  /** Without it, nobody can make one. */
  readonly make?: (request: ArmRequest, wanted: Wanted) => Made;
  /**
   * settled: there at once. created: 201 with the body, the rest follows. accepted: what is new
   * gets a 202 without a body,
   * what was there is changed at once. replaced: there at once, and 200 also for what is new.
   */
  readonly makes?: 'settled' | 'created' | 'accepted' | 'replaced';
  readonly seconds?: number;
  /** Without it, nobody can take one away. A refusal stops it. */
  readonly mayRemove?: (request: ArmRequest, resource: Resource) => Answer | undefined;
  readonly removes?: 'settled' | 'accepted';
  /** What it holds and lets go of when it is taken away. */
  readonly releases?: (request: ArmRequest, resource: Resource) => void;
  /** Whether tags can be changed by PATCH. */
  readonly patches?: boolean;
}

/** Any region where the type can be had, spelled as one will, in Azure's short name. */
const regionOf = ({ world }: ArmRequest, type: string, name: string): string | undefined =>
  regionsWith(world, type).find((region) => region === world.region(name))?.name;

function wantedOf(request: ArmRequest, kind: Kind, names: Names): Wanted | Refusal {
  const { group = '', subscription = '', name = '' } = names;
  const read = envelope.safeParse(request.exchange.json());
  if (!read.success) return { refused: invalidRequest(z.prettifyError(read.error)) };
  const { location, tags, zones, sku, kind: kindName, properties } = read.data;
  const home = request.world.get(groupId(subscription, group));
  const id = resourceId(home?.id ?? '', kind.type, name);
  const before = request.world.get(id);
  if (location === undefined)
    return {
      refused: armError(400, 'LocationRequired', 'The location property is required for this definition.'),
    };
  const region = regionOf(request, kind.type, location);
  if (region === undefined) {
    const all = regionsWith(request.world, kind.type)
      .map((one) => one.name)
      .join(',');
    return {
      refused: armError(
        400,
        'LocationNotAvailableForResourceType',
        `The provided location '${location}' is not available for resource type '${kind.type}'. ` +
          `List of available regions for the resource type is '${all}'.`,
      ),
    };
  }
  if (before && before.location !== region) {
    return {
      refused: armError(
        409,
        'InvalidResourceLocation',
        `The resource '${name}' already exists in location '${before.location ?? ''}' in ` +
          `resource group '${group}'. A resource with the same name cannot be created in location ` +
          `'${region}'. Please select a new resource name.`,
      ),
    };
  }
  if (isDark(request.faults, region)) return { refused: regionUnavailable(region) };
  return {
    id: before?.id ?? id,
    name: before?.name ?? name,
    location: region,
    tags: tags ?? {},
    zones: zones ?? [],
    sku: sku ?? {},
    kind: kindName ?? undefined,
    properties: properties ?? {},
    before,
  };
}

export const shownAs = (kind: Kind, request: ArmRequest, resource: Resource): unknown =>
  kind.body ? kind.body(request, resource) : shown(resource);

function makeOne(request: ArmRequest, kind: Kind, names: Names): Answer | undefined {
  if (!kind.make) return undefined;
  const wanted = wantedOf(request, kind, names);
  if ('refused' in wanted) return wanted.refused;
  const made = kind.make(request, wanted);
  return 'refused' in made ? made.refused : settle(request, kind, made, wanted.before === undefined);
}

/** Puts what was made into the world, in the way of its kind. */
export function settle(request: ArmRequest, kind: Kind, made: Resource, isNew: boolean): Answer {
  const { id, location = '' } = made;
  const { makes = 'settled' } = kind;
  if (makes === 'settled' || makes === 'replaced' || (makes === 'accepted' && !isNew)) {
    request.world.put(made);
    return { status: isNew && makes === 'settled' ? 201 : 200, body: shownAs(kind, request, made) };
  }
  const making: Resource = {
    ...made,
    properties: { ...made.properties, provisioningState: isNew ? 'Creating' : 'Updating' },
  };
  const followed = {
    resource: id,
    location,
    operation: {
      seconds: kind.seconds ?? 5,
      effects: [{ kind: 'settle' as const, id }],
      leadsTo: { resource: id },
    },
  };
  return request.world.transaction(() => {
    request.world.put(making);
    return makes === 'accepted'
      ? acceptedWork(request, followed)
      : createdWork(request, followed, isNew, shownAs(kind, request, making));
  });
}

function removeOne(
  request: ArmRequest,
  kind: Kind,
  { subscription = '', group = '', name = '' }: Names,
): Answer | undefined {
  if (!kind.mayRemove) return undefined;
  const resource = request.world.get(resourceId(groupId(subscription, group), kind.type, name));
  if (!resource) return noContent;
  const refused = kind.mayRemove(request, resource);
  if (refused) return refused;
  if (kind.removes === 'settled') {
    request.world.remove(resource.id);
    return { status: 200 };
  }
  return request.world.transaction(() => {
    kind.releases?.(request, resource);
    request.world.put({ ...resource, properties: { ...resource.properties, provisioningState: 'Deleting' } });
    const operation = {
      seconds: kind.seconds ?? 5,
      effects: [{ kind: 'remove' as const, id: resource.id }],
      leadsTo: 'nothing' as const,
    };
    return acceptedWork(request, { resource: resource.id, location: resource.location ?? '', operation });
  });
}

const tagsBody = z.looseObject({ tags: z.record(z.string(), z.string()).nullish() });

function patchOne(request: ArmRequest, kind: Kind, resource: Resource): Answer | undefined {
  if (kind.patches !== true) return undefined;
  const read = tagsBody.safeParse(request.exchange.json());
  if (!read.success) return invalidRequest(z.prettifyError(read.error));
  const changed: Resource = read.data.tags ? { ...resource, tags: read.data.tags } : resource;
  request.world.put(changed);
  return ok(shownAs(kind, request, changed));
}

/** Goes on with the resource, or says that it is not there. */
export function atResource(
  request: ArmRequest,
  type: string,
  { subscription = '', group = '', name = '' }: Names,
  go: (resource: Resource) => Answer | undefined,
): Answer | undefined {
  if (!request.world.get(groupId(subscription, group))) return groupNotFound(group);
  const resource = request.world.get(resourceId(groupId(subscription, group), type, name));
  return resource ? go(resource) : resourceNotFound(type, name, group);
}

export function kindRoutes(kind: Kind): ArmRoute[] {
  const { type } = kind;
  const inGroup = `${GROUP}/providers/${type}`;
  const list = (request: ArmRequest, under: string): Answer =>
    page(request, request.world.list({ type, under }), (resource) => shownAs(kind, request, resource));
  return [
    get(`${SUBSCRIPTION}/providers/${type}`, (request, { subscription }) =>
      list(request, `/subscriptions/${subscription}`),
    ),
    get(inGroup, (request, { subscription = '', group = '' }) => list(request, groupId(subscription, group))),
    get(`${inGroup}/{name}`, (request, names) =>
      atResource(request, type, names, (resource) => ok(shownAs(kind, request, resource))),
    ),
    put(`${inGroup}/{name}`, (request, names) => makeOne(request, kind, names)),
    patch(`${inGroup}/{name}`, (request, names) =>
      atResource(request, type, names, (resource) => patchOne(request, kind, resource)),
    ),
    remove(`${inGroup}/{name}`, (request, names) => removeOne(request, kind, names)),
  ];
}
