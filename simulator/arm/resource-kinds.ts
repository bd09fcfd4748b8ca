// The operations that ARM has for every kind of resource: list, get, create, tag and delete. A
// ResourceKind holds the differences.

import * as z from 'zod';

import type { SimulatorResponse } from '../wire/exchange.ts';
import {
  armError,
  groupNotFound,
  invalidRequest,
  noContent,
  ok,
  regionUnavailable,
  resourceNotFound,
  withoutHidden,
} from './responses.ts';
import { regionsOffering } from './capacity.ts';
import { isRegionDark } from './fault-conditions.ts';
import { acceptOperation, acceptCreation } from './operation-polling.ts';
import { resourceGroupIdFor, resourceId } from './ids.ts';
import {
  get,
  RESOURCE_GROUP,
  listPage,
  patch,
  put,
  remove,
  SUBSCRIPTION,
  type ArmRequest,
  type ArmRoute,
  type PathParameters,
} from './request.ts';
import type { Resource, Properties } from './resource.ts';

/** The properties that every creation body may have. */
const resourceBodySchema = z.looseObject({
  location: z.string().optional(),
  tags: z.record(z.string(), z.string()).nullish(),
  zones: z.array(z.string()).nullish(),
  sku: z.record(z.string(), z.unknown()).nullish(),
  kind: z.string().nullish(),
  properties: z.record(z.string(), z.unknown()).nullish(),
});

export interface ResourceDefinition {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly zones: readonly string[];
  readonly sku: Properties;
  readonly kind: string | undefined;
  readonly properties: Properties;
  /** The existing resource with this id. */
  readonly existing: Resource | undefined;
}

export type Refusal = { readonly refused: SimulatorResponse };
export type CreationResult = Resource | Refusal;

export interface ResourceKind {
  readonly type: string;
  /** Builds the body of a resource. The default is the stored resource. */
  readonly body?: (request: ArmRequest, resource: Resource) => unknown;
  /** Creates a resource. Without this function ARM refuses creation. */
  readonly create?: (request: ArmRequest, definition: ResourceDefinition) => CreationResult;
  /**
   * settled: the resource is complete at once.
   * created: 201 with the body, and the operation continues.
   * accepted: a new resource gets 202 without a body; a change is complete at once.
   * replaced: complete at once, and 200 also for a new resource.
   */
  readonly creationStyle?: 'settled' | 'created' | 'accepted' | 'replaced';
  readonly seconds?: number;
  /** Checks a removal and may refuse it. Without this function ARM refuses removal. */
  readonly checkRemoval?: (request: ArmRequest, resource: Resource) => SimulatorResponse | undefined;
  readonly removalStyle?: 'settled' | 'accepted';
  /** Detaches other resources before the removal. */
  readonly detach?: (request: ArmRequest, resource: Resource) => void;
  /** Whether PATCH can change the tags. */
  readonly canPatchTags?: boolean;
}

/** Finds an offered region by any spelling. Returns Azure's short name. */
const offeredRegion = ({ world }: ArmRequest, type: string, name: string): string | undefined =>
  regionsOffering(world, type).find((region) => region === world.region(name))?.name;

function readDefinition(
  request: ArmRequest,
  kind: ResourceKind,
  names: PathParameters,
): ResourceDefinition | Refusal {
  const { group = '', subscription = '', name = '' } = names;
  const read = resourceBodySchema.safeParse(request.exchange.json());
  if (!read.success) return { refused: invalidRequest(z.prettifyError(read.error)) };
  const { location, tags, zones, sku, kind: kindName, properties } = read.data;
  const resourceGroup = request.world.get(resourceGroupIdFor(subscription, group));
  const id = resourceId(resourceGroup?.id ?? '', kind.type, name);
  const before = request.world.get(id);
  if (location === undefined)
    return {
      refused: armError(400, 'LocationRequired', 'The location property is required for this definition.'),
    };
  const region = offeredRegion(request, kind.type, location);
  if (region === undefined) {
    const all = regionsOffering(request.world, kind.type)
      .map((offered) => offered.name)
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
  if (isRegionDark(request.faults, region)) return { refused: regionUnavailable(region) };
  return {
    id: before?.id ?? id,
    name: before?.name ?? name,
    location: region,
    tags: tags ?? {},
    zones: zones ?? [],
    sku: sku ?? {},
    kind: kindName ?? undefined,
    properties: properties ?? {},
    existing: before,
  };
}

export const responseBodyOf = (kind: ResourceKind, request: ArmRequest, resource: Resource): unknown =>
  kind.body ? kind.body(request, resource) : withoutHidden(resource);

function createResource(
  request: ArmRequest,
  kind: ResourceKind,
  names: PathParameters,
): SimulatorResponse | undefined {
  if (!kind.create) return undefined;
  const definition = readDefinition(request, kind, names);
  if ('refused' in definition) return definition.refused;
  const resource = kind.create(request, definition);
  return 'refused' in resource
    ? resource.refused
    : saveResource(request, kind, resource, definition.existing === undefined);
}

/** Stores a created resource and answers in the style of its kind. */
export function saveResource(
  request: ArmRequest,
  kind: ResourceKind,
  resource: Resource,
  isNew: boolean,
): SimulatorResponse {
  const { id, location = '' } = resource;
  const { creationStyle = 'settled' } = kind;
  if (
    creationStyle === 'settled' ||
    creationStyle === 'replaced' ||
    (creationStyle === 'accepted' && !isNew)
  ) {
    request.world.put(resource);
    return {
      status: isNew && creationStyle === 'settled' ? 201 : 200,
      body: responseBodyOf(kind, request, resource),
    };
  }
  const incomplete: Resource = {
    ...resource,
    properties: { ...resource.properties, provisioningState: isNew ? 'Creating' : 'Updating' },
  };
  const started = {
    resource: id,
    location,
    operation: {
      seconds: kind.seconds ?? 5,
      effects: [{ kind: 'settle' as const, id }],
      leadsTo: { resource: id },
    },
  };
  return request.world.transaction(() => {
    request.world.put(incomplete);
    return creationStyle === 'accepted'
      ? acceptOperation(request, started)
      : acceptCreation(request, started, isNew, responseBodyOf(kind, request, incomplete));
  });
}

function removeResource(
  request: ArmRequest,
  kind: ResourceKind,
  { subscription = '', group = '', name = '' }: PathParameters,
): SimulatorResponse | undefined {
  if (!kind.checkRemoval) return undefined;
  const resource = request.world.get(resourceId(resourceGroupIdFor(subscription, group), kind.type, name));
  if (!resource) return noContent;
  const refused = kind.checkRemoval(request, resource);
  if (refused) return refused;
  if (kind.removalStyle === 'settled') {
    request.world.remove(resource.id);
    return { status: 200 };
  }
  return request.world.transaction(() => {
    kind.detach?.(request, resource);
    request.world.put({ ...resource, properties: { ...resource.properties, provisioningState: 'Deleting' } });
    const operation = {
      seconds: kind.seconds ?? 5,
      effects: [{ kind: 'remove' as const, id: resource.id }],
      leadsTo: 'nothing' as const,
    };
    return acceptOperation(request, { resource: resource.id, location: resource.location ?? '', operation });
  });
}

const tagsBody = z.looseObject({ tags: z.record(z.string(), z.string()).nullish() });

function patchTags(
  request: ArmRequest,
  kind: ResourceKind,
  resource: Resource,
): SimulatorResponse | undefined {
  if (kind.canPatchTags !== true) return undefined;
  const read = tagsBody.safeParse(request.exchange.json());
  if (!read.success) return invalidRequest(z.prettifyError(read.error));
  const changed: Resource = read.data.tags ? { ...resource, tags: read.data.tags } : resource;
  request.world.put(changed);
  return ok(responseBodyOf(kind, request, changed));
}

/** Calls `respond` with the resource, or answers that the resource does not exist. */
export function withResource(
  request: ArmRequest,
  type: string,
  { subscription = '', group = '', name = '' }: PathParameters,
  respond: (resource: Resource) => SimulatorResponse | undefined,
): SimulatorResponse | undefined {
  if (!request.world.get(resourceGroupIdFor(subscription, group))) return groupNotFound(group);
  const resource = request.world.get(resourceId(resourceGroupIdFor(subscription, group), type, name));
  return resource ? respond(resource) : resourceNotFound(type, name, group);
}

export function kindRoutes(kind: ResourceKind): ArmRoute[] {
  const { type } = kind;
  const inGroup = `${RESOURCE_GROUP}/providers/${type}`;
  const list = (request: ArmRequest, under: string): SimulatorResponse =>
    listPage(request, request.world.list({ type, under }), (resource) =>
      responseBodyOf(kind, request, resource),
    );
  return [
    get(`${SUBSCRIPTION}/providers/${type}`, (request, { subscription }) =>
      list(request, `/subscriptions/${subscription}`),
    ),
    get(inGroup, (request, { subscription = '', group = '' }) =>
      list(request, resourceGroupIdFor(subscription, group)),
    ),
    get(`${inGroup}/{name}`, (request, names) =>
      withResource(request, type, names, (resource) => ok(responseBodyOf(kind, request, resource))),
    ),
    put(`${inGroup}/{name}`, (request, names) => createResource(request, kind, names)),
    patch(`${inGroup}/{name}`, (request, names) =>
      withResource(request, type, names, (resource) => patchTags(request, kind, resource)),
    ),
    remove(`${inGroup}/{name}`, (request, names) => removeResource(request, kind, names)),
  ];
}
