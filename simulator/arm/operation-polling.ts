// The polling links of long operations, in the style of each Azure provider, and the responses of
// these links.

import type { SimulatorResponse } from '../wire/exchange.ts';
import { armError, ok, resourceNotFound, withoutHidden } from './responses.ts';
import { parseArmId } from './ids.ts';
import type { NewOperation, OperationRecord } from './operations.ts';
import { get, SUBSCRIPTION, type ArmRequest, type ArmRoute } from './request.ts';

/** The links of a provider: `status` for Azure-AsyncOperation, `result` for Location. */
interface PollingLinks {
  readonly status?: string;
  readonly result?: string;
  readonly retryAfter: number;
}

/** Resource groups have no namespace, so their links are at the subscription. */
function pollingLinks(resource: string, location: string, id: string): PollingLinks {
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

export interface StartedOperation {
  /** The id of the changed resource. */
  readonly resource: string;
  readonly location: string;
  readonly operation: NewOperation;
}

/**
 * Returns the polling headers of an accepted operation. A creation gets only the status link,
 * because its result is the resource itself.
 */
export function pollingHeaders(
  request: ArmRequest,
  resource: string,
  location: string,
  id: string,
  creates = false,
): Record<string, string> {
  const links = pollingLinks(resource, location, id);
  const url = (path: string): string =>
    `${request.baseUrl}${path}${path.includes('?') ? '&' : '?'}api-version=${request.apiVersion}`;
  return {
    ...(links.status !== undefined && { 'Azure-AsyncOperation': url(links.status) }),
    ...(links.result !== undefined &&
      !(creates && links.status !== undefined) && { Location: url(links.result) }),
    'Retry-After': String(links.retryAfter),
  };
}

/** Starts an operation and answers 202 without a body. */
export function acceptOperation(
  request: ArmRequest,
  { resource, location, operation }: StartedOperation,
): SimulatorResponse {
  const { id } = request.operations.begin(operation);
  return { status: 202, headers: pollingHeaders(request, resource, location, id) };
}

/**
 * Starts a creation. Answers 201 for a new resource or 200 for an existing one, with the unfinished
 * resource.
 */
export function acceptCreation(
  request: ArmRequest,
  { resource, location, operation }: StartedOperation,
  isNew: boolean,
  body: unknown,
): SimulatorResponse {
  const { id } = request.operations.begin(operation);
  return { status: isNew ? 201 : 200, headers: pollingHeaders(request, resource, location, id, true), body };
}

const formatTime = (time: number): string => new Date(time).toISOString().replace('Z', '0000+00:00');

function statusAnswer({ id, startedAt, endsAt, done, leadsTo }: OperationRecord): SimulatorResponse {
  const failure = done && leadsTo !== 'nothing' && 'failure' in leadsTo ? leadsTo.failure : undefined;
  const output =
    done && leadsTo !== 'nothing' && 'body' in leadsTo ? { properties: { output: leadsTo.body } } : {};
  const status = failure ? 'Failed' : 'Succeeded';
  return ok({
    startTime: formatTime(startedAt),
    ...(done && { endTime: formatTime(endsAt) }),
    status: done ? status : 'InProgress',
    ...output,
    ...(failure && { error: failure }),
    name: id,
  });
}

function resultAnswer(request: ArmRequest, record: OperationRecord): SimulatorResponse {
  const { exchange, baseUrl, world } = request;
  if (!record.done)
    return { status: 202, headers: { Location: `${baseUrl}${exchange.path}`, 'Retry-After': '10' } };
  if (record.leadsTo === 'nothing') return { status: 200 };
  if ('failure' in record.leadsTo)
    return armError(409, record.leadsTo.failure.code, record.leadsTo.failure.message);
  if ('body' in record.leadsTo) return ok(record.leadsTo.body);
  const found = world.get(record.leadsTo.resource);
  const { type = '', name = '', resourceGroup = '' } = parseArmId(record.leadsTo.resource) ?? {};
  return found ? ok(withoutHidden(found)) : resourceNotFound(type, name, resourceGroup);
}

type RecordResponder = (request: ArmRequest, record: OperationRecord) => SimulatorResponse;
const respondWithRecord = (
  request: ArmRequest,
  id: string | undefined,
  view: RecordResponder,
): SimulatorResponse | undefined => {
  const record = request.operations.get(id ?? '');
  return record && view(request, record);
};

const VAULT_PATH = `${SUBSCRIPTION}/resourceGroups/{group}/providers/Microsoft.RecoveryServices/vaults/{vault}`;
const REGIONAL_PATH = `${SUBSCRIPTION}/providers/{namespace}/locations/{location}`;

export const operationRoutes: readonly ArmRoute[] = [
  get(`${REGIONAL_PATH}/operations/{operation}`, (request, { operation }) =>
    respondWithRecord(request, operation, (_request, record) =>
      request.query.get('monitor') === 'true' ? resultAnswer(request, record) : statusAnswer(record),
    ),
  ),
  get(`${REGIONAL_PATH}/operationResults/{operation}`, (request, { operation }) =>
    respondWithRecord(request, operation, resultAnswer),
  ),
  get(`${REGIONAL_PATH}/asyncoperations/{operation}`, (request, { operation }) =>
    respondWithRecord(request, operation, resultAnswer),
  ),
  get(`${SUBSCRIPTION}/operationresults/{operation}`, (request, { operation }) =>
    respondWithRecord(request, operation, resultAnswer),
  ),
  get(`${VAULT_PATH}/operationStatus/{operation}`, (request, { operation, ...names }) =>
    respondWithRecord(request, operation, (_request, { id, done }) =>
      ok({
        id: `/subscriptions/${names['subscription']}/resourceGroups/${names['group']}/providers/Microsoft.RecoveryServices/vaults/${names['vault']}/operationStatus/${id}`,
        name: id,
        status: done ? 'Succeeded' : 'InProgress',
      }),
    ),
  ),
  get(`${VAULT_PATH}/operationResults/{operation}`, (request, { operation }) =>
    respondWithRecord(request, operation, resultAnswer),
  ),
];
