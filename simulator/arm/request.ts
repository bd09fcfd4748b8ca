// One request to ARM on its way to its answer.

import type { Answer, Exchange } from '../wire/exchange.ts';
import type { Faults } from '../wire/fault.ts';
import type { Route } from '../wire/paths.ts';
import { ok, shown } from './answers.ts';
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
  /** The tenant that the caller comes from. */
  readonly tenant: string;
  readonly baseUrl: string;
  readonly now: number;
}

export type Names = Readonly<Record<string, string>>;
export type Answering = (request: ArmRequest, names: Names) => Answer | undefined;
export type ArmRoute = Route<Answering>;

export const get = (pattern: string, answer: Answering): ArmRoute => ({ method: 'GET', pattern, answer });
export const put = (pattern: string, answer: Answering): ArmRoute => ({ method: 'PUT', pattern, answer });
export const patch = (pattern: string, answer: Answering): ArmRoute => ({ method: 'PATCH', pattern, answer });
export const post = (pattern: string, answer: Answering): ArmRoute => ({ method: 'POST', pattern, answer });
export const remove = (pattern: string, answer: Answering): ArmRoute => ({
  method: 'DELETE',
  pattern,
  answer,
});

export const SUBSCRIPTION = '/subscriptions/{subscription}';
export const GROUP = `${SUBSCRIPTION}/resourceGroups/{group}`;

/** How many resources one page of a list holds. */
const PAGE = 500;

/**
 * What a provider's own service tells in each region, put together: a region that is dark tells
 * nothing, and its resources are missing.
 */
export function page(
  request: ArmRequest,
  resources: readonly Resource[],
  body: (resource: Resource) => unknown = shown,
): Answer {
  const { faults } = request;
  const dark = new Set(faults.standing().flatMap((one) => (one.kind === 'regionDark' ? one.region : [])));
  return pageOfAll(
    request,
    dark.size === 0
      ? resources
      : resources.filter(({ location }) => location === undefined || !dark.has(location)),
    body,
  );
}

/** What Resource Manager itself knows of all regions. Lists name a next page only when there is one. */
export function pageOfAll(
  request: ArmRequest,
  resources: readonly Resource[],
  body: (resource: Resource) => unknown = shown,
): Answer {
  const { query, exchange, baseUrl } = request;
  const skipped = Number(query.get('$skiptoken') ?? 0) || 0;
  const top = Math.min(PAGE, Number(query.get('$top') ?? PAGE) || PAGE);
  const value = resources.slice(skipped, skipped + top).map(body);
  if (skipped + top >= resources.length) return ok({ value });
  const next = new URLSearchParams(query);
  next.set('$skiptoken', String(skipped + top));
  return ok({ value, nextLink: `${baseUrl}${exchange.path.split('?')[0] ?? ''}?${next.toString()}` });
}
