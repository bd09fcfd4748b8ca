// How each of Azure's providers tells a caller to follow an operation, and what the links then answer.

import type { Answer } from '../wire/exchange.ts';
import { armError, ok, resourceNotFound, shown } from './answers.ts';
import { parseArmId } from './ids.ts';
import type { NewOperation, OperationRecord } from './operations.ts';
import { get, SUBSCRIPTION, type ArmRequest, type ArmRoute } from './request.ts';

/** Where a provider keeps its operations: the status for Azure-AsyncOperation, the result for Location. */
interface Links {
  readonly status?: string;
  readonly result?: string;
  readonly retryAfter: number;
}

/** Resource groups, in no namespace, are followed at the subscription. */
function linksOf(resource: string, location: string, id: string): Links {
  const subscription = /^\/subscriptions\/([^/]+)/i.exec(resource)?.[1] ?? '';
  const namespace = parseArmId(resource)?.type.split('/')[0] ?? '';
  const regional = `/subscriptions/${subscription}/providers/${namespace}/locations/${location}`;
  switch (namespace.toLowerCase()) {
    case 'microsoft.compute':
      return {
        status: `${regional}/operations/${id}`,
        result: `${regional}/operations/${id}?monitor=true`,
        retryAfter: 10,
      };
    case 'microsoft.network':
      return {
        status: `${regional}/operations/${id}`,
        result: `${regional}/operationResults/${id}`,
        retryAfter: 10,
      };
    case 'microsoft.storage':
      return { result: `${regional}/asyncoperations/${id}?monitor=true`, retryAfter: 17 };
    case 'microsoft.recoveryservices':
      return {
        status: `${resource}/operationStatus/${id}`,
        result: `${resource}/operationResults/${id}`,
        retryAfter: 60,
      };
    default:
      return { result: `/subscriptions/${subscription}/operationresults/${id}`, retryAfter: 15 };
  }
}

export interface Followed {
  /** What is acted on. */
  readonly resource: string;
  readonly location: string;
  readonly operation: NewOperation;
}

/**
 * The headers of an answer whose work goes on. Whoever creates is told the status alone; the result
 * is the resource itself.
 */
export function followHeaders(
  request: ArmRequest,
  resource: string,
  location: string,
  id: string,
  creates = false,
): Record<string, string> {
  const links = linksOf(resource, location, id);
  const url = (path: string): string =>
    `${request.baseUrl}${path}${path.includes('?') ? '&' : '?'}api-version=${request.apiVersion}`;
  return {
    ...(links.status !== undefined && { 'Azure-AsyncOperation': url(links.status) }),
    ...(links.result !== undefined &&
      !(creates && links.status !== undefined) && { Location: url(links.result) }),
    'Retry-After': String(links.retryAfter),
  };
}

/** 202, empty; the work goes on. */
export function acceptedWork(request: ArmRequest, { resource, location, operation }: Followed): Answer {
  const { id } = request.operations.begin(operation);
  return { status: 202, headers: followHeaders(request, resource, location, id) };
}

/** 201 for what is new, 200 for what was there, with the resource in the making. */
export function createdWork(
  request: ArmRequest,
  { resource, location, operation }: Followed,
  isNew: boolean,
  body: unknown,
): Answer {
  const { id } = request.operations.begin(operation);
  return { status: isNew ? 201 : 200, headers: followHeaders(request, resource, location, id, true), body };
}

const wireTime = (time: number): string => new Date(time).toISOString().replace('Z', '0000+00:00');

function statusAnswer({ id, startedAt, endsAt, done, leadsTo }: OperationRecord): Answer {
  const failure = done && leadsTo !== 'nothing' && 'failure' in leadsTo ? leadsTo.failure : undefined;
  const output =
    done && leadsTo !== 'nothing' && 'body' in leadsTo ? { properties: { output: leadsTo.body } } : {};
  const status = failure ? 'Failed' : 'Succeeded';
  return ok({
    startTime: wireTime(startedAt),
    ...(done && { endTime: wireTime(endsAt) }),
    status: done ? status : 'InProgress',
    ...output,
    ...(failure && { error: failure }),
    name: id,
  });
}

function resultAnswer(request: ArmRequest, record: OperationRecord): Answer {
  const { exchange, baseUrl, world } = request;
  if (!record.done)
    return { status: 202, headers: { Location: `${baseUrl}${exchange.path}`, 'Retry-After': '10' } };
  if (record.leadsTo === 'nothing') return { status: 200 };
  if ('failure' in record.leadsTo)
    return armError(409, record.leadsTo.failure.code, record.leadsTo.failure.message);
  if ('body' in record.leadsTo) return ok(record.leadsTo.body);
  const found = world.get(record.leadsTo.resource);
  const { type = '', name = '', resourceGroup = '' } = parseArmId(record.leadsTo.resource) ?? {};
  return found ? ok(shown(found)) : resourceNotFound(type, name, resourceGroup);
}

type View = (request: ArmRequest, record: OperationRecord) => Answer;
const found = (request: ArmRequest, id: string | undefined, view: View): Answer | undefined => {
  const record = request.operations.get(id ?? '');
  return record && view(request, record);
};

const VAULT = `${SUBSCRIPTION}/resourceGroups/{group}/providers/Microsoft.RecoveryServices/vaults/{vault}`;
const REGIONAL = `${SUBSCRIPTION}/providers/{namespace}/locations/{location}`;

export const followRoutes: readonly ArmRoute[] = [
  get(`${REGIONAL}/operations/{operation}`, (request, { operation }) =>
    found(request, operation, (_request, record) =>
      request.query.get('monitor') === 'true' ? resultAnswer(request, record) : statusAnswer(record),
    ),
  ),
  get(`${REGIONAL}/operationResults/{operation}`, (request, { operation }) =>
    found(request, operation, resultAnswer),
  ),
  get(`${REGIONAL}/asyncoperations/{operation}`, (request, { operation }) =>
    found(request, operation, resultAnswer),
  ),
  get(`${SUBSCRIPTION}/operationresults/{operation}`, (request, { operation }) =>
    found(request, operation, resultAnswer),
  ),
  get(`${VAULT}/operationStatus/{operation}`, (request, { operation, ...names }) =>
    found(request, operation, (_request, { id, done }) =>
      ok({
        id: `/subscriptions/${names['subscription']}/resourceGroups/${names['group']}/providers/Microsoft.RecoveryServices/vaults/${names['vault']}/operationStatus/${id}`,
        name: id,
        status: done ? 'Succeeded' : 'InProgress',
      }),
    ),
  ),
  get(`${VAULT}/operationResults/{operation}`, (request, { operation }) =>
    found(request, operation, resultAnswer),
  ),
];
