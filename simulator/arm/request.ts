// One request to ARM with the services that a handler needs.

import type { SimulatorResponse, Exchange } from '../wire/exchange.ts';
import type { Faults } from '../wire/fault.ts';
import type { Route } from '../wire/route-matching.ts';
import { ok, withoutHidden } from './responses.ts';
import type { Operations } from './operations.ts';
import type { AzureWorld } from './world.ts';
import type { Resource } from './resource.ts';

export interface ArmRequest {
  readonly world: AzureWorld;
  readonly faults: Faults;
  readonly operations: Operations;
  readonly exchange: Exchange;
  readonly query: URLSearchParams;
  readonly apiVersion: string;
  /** The tenant of the caller. */
  readonly tenant: string;
  readonly baseUrl: string;
  readonly now: number;
}

export type PathParameters = Readonly<Record<string, string>>;
export type ArmHandler = (request: ArmRequest, names: PathParameters) => SimulatorResponse | undefined;
export type ArmRoute = Route<ArmHandler>;

export const get = (pattern: string, answer: ArmHandler): ArmRoute => ({ method: 'GET', pattern, answer });
export const put = (pattern: string, answer: ArmHandler): ArmRoute => ({ method: 'PUT', pattern, answer });
export const patch = (pattern: string, answer: ArmHandler): ArmRoute => ({
  method: 'PATCH',
  pattern,
  answer,
});
export const post = (pattern: string, answer: ArmHandler): ArmRoute => ({ method: 'POST', pattern, answer });
export const remove = (pattern: string, answer: ArmHandler): ArmRoute => ({
  method: 'DELETE',
  pattern,
  answer,
});

export const SUBSCRIPTION = '/subscriptions/{subscription}';
export const RESOURCE_GROUP = `${SUBSCRIPTION}/resourceGroups/{group}`;

/** The page size of a list. */
const PAGE_SIZE = 500;

/**
 * Answers a list of a provider's resources. The provider collects the list from its service in each
 * region, so the resources of a dark region are missing.
 */
export function listPage(
  request: ArmRequest,
  resources: readonly Resource[],
  body: (resource: Resource) => unknown = withoutHidden,
): SimulatorResponse {
  const { faults } = request;
  const darkRegions = new Set(
    faults.activeConditions().flatMap((fault) => (fault.kind === 'regionDark' ? fault.region : [])),
  );
  return listPageOfAllRegions(
    request,
    darkRegions.size === 0
      ? resources
      : resources.filter(({ location }) => location === undefined || !darkRegions.has(location)),
    body,
  );
}

/**
 * Answers a list from Resource Manager, which knows all regions. The list has a nextLink only when
 * there is another page.
 */
export function listPageOfAllRegions(
  request: ArmRequest,
  resources: readonly Resource[],
  body: (resource: Resource) => unknown = withoutHidden,
): SimulatorResponse {
  const { query, exchange, baseUrl } = request;
  const skipped = Number(query.get('$skiptoken') ?? 0) || 0;
  const top = Math.min(PAGE_SIZE, Number(query.get('$top') ?? PAGE_SIZE) || PAGE_SIZE);
  const value = resources.slice(skipped, skipped + top).map(body);
  if (skipped + top >= resources.length) return ok({ value });
  const next = new URLSearchParams(query);
  next.set('$skiptoken', String(skipped + top));
  return ok({ value, nextLink: `${baseUrl}${exchange.path.split('?')[0] ?? ''}?${next.toString()}` });
}
