// Azure Resource Manager in the simulator, without Site Recovery. It serves the subscriptions of an
// environment and all their resources.

import { setTimeout } from 'node:timers/promises';

import type { SimulatedClock } from '../clock/simulated-clock.ts';
import type { SimulatorResponse, Exchange } from '../wire/exchange.ts';
import type { Faults } from '../wire/fault.ts';
import { decodeSafely, createMatcher } from '../wire/route-matching.ts';
import {
  armError,
  gatewayTimeout,
  groupNotFound,
  regionUnavailable,
  subscriptionNotFound,
} from './responses.ts';
import { regionDarkFault, type RegionDarkFault } from './fault-conditions.ts';
import { operationRoutes } from './operation-polling.ts';
import { resourceGroupIdFor, resourceGroupIdOf, subscriptionId } from './ids.ts';
import { kindRoutes } from './resource-kinds.ts';
import { Operations } from './operations.ts';
import type { ArmRequest } from './request.ts';
import { automationRoutes } from './routes/automation.ts';
import { effectiveRuleRoutes } from './routes/effective-rules.ts';
import { eligibilityRoutes } from './routes/eligibility.ts';
import { groupRoutes } from './routes/resource-groups.ts';
import { machineRoutes } from './routes/machines.ts';
import { managedRunCommandRoutes } from './routes/managed-run-commands.ts';
import { networkRoutes } from './routes/networks.ts';
import { offerRoutes } from './routes/offers.ts';
import { placementRoutes } from './routes/placement.ts';
import { runCommandRoutes } from './routes/run-command.ts';
import { securityRoutes } from './routes/security-groups.ts';
import { storageRoutes } from './routes/storage.ts';
import { tenancyRoutes } from './routes/tenancy.ts';
import { vaultKind } from './routes/vaults.ts';
import { UnknownCalls, type UnknownCall } from './unknown-calls.ts';
import type { AzureWorld } from './world.ts';

export interface ArmOptions {
  readonly world: AzureWorld;
  readonly clock: SimulatedClock;
  readonly faults: Faults;
  /** The tenant of all callers. */
  readonly tenant: string;
  /** The URL of this server, for absolute links in responses. */
  readonly baseUrl: () => string;
}

/** Resource Manager behind the gateway. */
export interface Arm {
  /** Handles a request of an authenticated caller. */
  readonly handle: (exchange: Exchange) => SimulatorResponse;
  /**
   * Returns ARM's refusal before any provider gets the request: a missing api-version, an unknown
   * subscription, a dark region.
   */
  readonly checkRequest: (exchange: Exchange) => SimulatorResponse | undefined | Promise<SimulatorResponse>;
  readonly unknown: () => readonly UnknownCall[];
  close(): void;
}

const API_VERSION = /^\d{4}-\d{2}-\d{2}(-[a-z]+)?$/i;
const NAMESPACE = /\/providers\/([^/?]+)(?:\/([^/?]+))?/i;
/** The path of a resource, without its children. */
const RESOURCE = /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/[^/]+\/[^/]+\/[^/]+/i;

const splitPath = ({ path }: Exchange) => {
  const [route = '', search = ''] = path.split('?', 2);
  return { route, query: new URLSearchParams(search) };
};

/**
 * A list of all resources of a type in a subscription or a group. ARM asks the provider in every
 * region.
 */
const PROVIDER_LIST = /^\/subscriptions\/[^/]+(?:\/resourceGroups\/[^/]+)?\/providers\/([^/]+\/[^/]+)$/i;

/**
 * Returns the fault when the region of a call is dark. For a write the region of the resource group
 * counts too. Resource Manager itself has no region, so it answers from its own data.
 */
function darkRegionOfCall(
  { world, faults }: ArmOptions,
  { method, path: full }: Exchange,
): RegionDarkFault | undefined {
  if (!faults.activeConditions().some(({ kind }) => kind === 'regionDark')) return undefined;
  const path = decodeSafely(full.split('?')[0] ?? '');
  const resource = world.get(RESOURCE.exec(path)?.[0] ?? '')?.location;
  const group = world.get(resourceGroupIdOf(path))?.location;
  const namedRegion = /\/locations\/([^/]+)\//i.exec(path)?.[1];
  const isGroup = resourceGroupIdOf(path) === path;
  const regions = [resource, namedRegion, ...(method !== 'GET' || isGroup ? [group] : [])];
  return (
    regions.map((region) => regionDarkFault(faults, region)).find((fault) => fault !== undefined) ??
    darkRegionOfList({ world, faults }, path)
  );
}

function darkRegionOfList(
  { world, faults }: Pick<ArmOptions, 'world' | 'faults'>,
  path: string,
): RegionDarkFault | undefined {
  const type = PROVIDER_LIST.exec(path)?.[1];
  if (type === undefined) return undefined;
  const under = resourceGroupIdOf(path) || path.replace(/\/providers\/.*/, '');
  const regions = new Set(world.list({ type, under }).map(({ location }) => location));
  return [...regions]
    .map((region) => regionDarkFault(faults, region))
    .find((fault) => fault?.lists === 'failing');
}

function requestError({ world, tenant }: ArmOptions, exchange: Exchange): SimulatorResponse | undefined {
  const { route, query } = splitPath(exchange);
  const version = query.get('api-version');
  if (version === null)
    return armError(
      400,
      'MissingApiVersionParameter',
      'The api-version query parameter (?api-version=) is required for all requests.',
    );
  if (!API_VERSION.test(version))
    return armError(
      400,
      'InvalidApiVersionParameter',
      `The api-version '${version}' is invalid. It is a date, for example '2024-03-01' or ` +
        `'2024-03-01-preview'.`,
    );
  const subscription = /^\/subscriptions\/([^/]+)/i.exec(route)?.[1];
  if (subscription === undefined) return undefined;
  const found = world.get(subscriptionId(decodeSafely(subscription)));
  if (!found) return subscriptionNotFound(subscription);
  const owner = String(found.properties['tenantId']);
  if (owner !== tenant) {
    return armError(
      401,
      'InvalidAuthenticationTokenTenant',
      `The access token is from the wrong issuer 'https://sts.windows.net/${tenant}/'. It must ` +
        `match the tenant 'https://sts.windows.net/${owner}/' associated with this subscription.`,
    );
  }
  const [, group] = /^\/subscriptions\/[^/]+\/resourceGroups\/([^/]+)\/./i.exec(route) ?? [];
  return group !== undefined && !world.get(resourceGroupIdFor(subscription, decodeSafely(group)))
    ? groupNotFound(decodeSafely(group))
    : undefined;
}

/** A dark region refuses at once, or after the wait of the fault rule. */
async function darkRegionResponse(
  { region, hangs }: RegionDarkFault,
  abortSignal: AbortSignal | undefined,
): Promise<SimulatorResponse> {
  if (hangs === undefined) return regionUnavailable(region);
  await setTimeout(hangs, undefined, abortSignal ? { signal: abortSignal } : {}).catch(() => undefined);
  return gatewayTimeout(region);
}

function unknownTypeResponse(path: string, version: string): SimulatorResponse {
  const [, namespace = 'Microsoft.Resources', type = ''] = NAMESPACE.exec(path) ?? [];
  return armError(
    404,
    'InvalidResourceType',
    `The resource type '${type}' could not be found in the namespace '${namespace}' for api ` +
      `version '${version}'.`,
  );
}

/** Creates Resource Manager. */
export function createArm(options: ArmOptions): Arm {
  const { world, clock, faults, tenant, baseUrl } = options;
  const operations = new Operations(world, clock);
  const unknown = new UnknownCalls(world);
  const match = createMatcher([
    ...tenancyRoutes,
    ...groupRoutes,
    ...kindRoutes(vaultKind),
    ...networkRoutes,
    ...securityRoutes,
    ...effectiveRuleRoutes,
    ...storageRoutes,
    ...offerRoutes,
    ...placementRoutes,
    ...machineRoutes,
    ...runCommandRoutes,
    ...managedRunCommandRoutes,
    ...automationRoutes,
    ...eligibilityRoutes,
    ...operationRoutes,
  ]);

  return {
    checkRequest(exchange) {
      const refused = requestError(options, exchange);
      const dark = refused ? undefined : darkRegionOfCall(options, exchange);
      return dark ? darkRegionResponse(dark, exchange.abortSignal) : refused;
    },
    handle(exchange) {
      const now = operations.completeDue();
      const { route, query } = splitPath(exchange);
      const apiVersion = query.get('api-version') ?? '';
      const request: ArmRequest = {
        world,
        faults,
        operations,
        exchange,
        query,
        apiVersion,
        tenant,
        baseUrl: baseUrl(),
        now,
      };
      const found = match(exchange.method, route);
      const answer = found?.answer(request, found.parameters);
      if (answer) return answer;
      unknown.add({ method: exchange.method, path: route, at: now });
      return unknownTypeResponse(route, apiVersion);
    },
    unknown: () => unknown.list(),
    close: () => operations.close(),
  };
}
