// Answers in the format of ARM and of Site Recovery.

import { hash, randomUUID } from 'node:crypto';

import type { SimulatorResponse } from '../wire/exchange.ts';
import type { Vault } from './vault.ts';

/** The parts of a request that its answer repeats. */
export interface RequestIds {
  readonly clientRequestId: string;
  readonly correlationId: string;
  readonly apiVersion: string;
}

export const ok = (body: unknown): SimulatorResponse => ({ status: 200, body });

export const listResponse = (value: readonly unknown[], nextLink: string | null = null): SimulatorResponse =>
  ok({ value, nextLink });

/** Errors of ARM itself carry no details. */
export const armError = (
  status: number,
  code: string,
  message: string,
  details?: readonly { readonly code: string; readonly message: string }[],
): SimulatorResponse => ({ status, body: { error: { code, message, ...(details && { details }) } } });

interface ProviderError {
  readonly status: number;
  /** The reason phrase as a code. */
  readonly code: string;
  readonly detail: string;
  readonly message: string;
  readonly possibleCauses: string;
  readonly recommendedAction: string;
}

/** Errors of Site Recovery. The outer code repeats the status; the details hold the useful code. */
function providerError(
  { status, code, detail, message, possibleCauses, recommendedAction }: ProviderError,
  requestIds: RequestIds,
): SimulatorResponse {
  const details = [
    {
      code: detail,
      message,
      possibleCauses,
      recommendedAction,
      clientRequestId: requestIds.clientRequestId,
      activityId: requestIds.correlationId,
    },
  ];
  return { status, body: { error: { code, message, details } } };
}

export const notFound = (name: string, requestIds: RequestIds): SimulatorResponse =>
  providerError(
    {
      status: 404,
      code: 'NotFound',
      detail: 'ArmResourceDoesNotExist',
      message: `Specified resource with name '${name}' does not exist.`,
      possibleCauses: 'The resource was deleted, was moved, or never existed.',
      recommendedAction: 'Check the name of the resource.',
    },
    requestIds,
  );

export const badRequest = (message: string, requestIds: RequestIds): SimulatorResponse =>
  providerError(
    {
      status: 400,
      code: 'BadRequest',
      detail: 'InvalidParameter',
      message,
      possibleCauses: 'A value of the request is missing or not of the kind that is expected.',
      recommendedAction: 'Correct the request and try again.',
    },
    requestIds,
  );

/**
 * About 2.5 KB without meaning for a client, as on the links of late 2023. A client must return
 * them unchanged.
 */
function linkSignature(operation: string): string {
  const block = (salt: string, count: number): string =>
    Array.from({ length: count }, (_, index) =>
      hash('sha256', `${operation} ${salt} ${index}`, 'base64url'),
    ).join('');
  return `&t=638${BigInt(`0x${operation.slice(0, 8)}`)
    .toString()
    .padStart(15, '0')}&c=${block('c', 48)}&s=${block('s', 8)}&h=${block('h', 1)}`;
}

interface OperationLinks {
  readonly baseUrl: string;
  readonly vault: Vault;
  /** The target, without the verb. */
  readonly resource: string;
  readonly operation: string;
}

/** Returns the headers that let a client follow an operation. */
export function operationHeaders(
  { baseUrl, vault, resource, operation }: OperationLinks,
  { apiVersion }: RequestIds,
): Record<string, string> {
  const query = `?api-version=${apiVersion}${linkSignature(operation)}`;
  return {
    Location: `${baseUrl}${resource}/operationresults/${operation}${query}`,
    'Azure-AsyncOperation': `${baseUrl}${vault.id}/replicationOperationStatus/${operation}${query}`,
  };
}

export function acceptedResponse(links: OperationLinks, requestIds: RequestIds): SimulatorResponse {
  return {
    status: 202,
    headers: {
      ...operationHeaders(links, requestIds),
      'Retry-After': '30',
      'x-ms-request-id': `${links.vault.jobId(links.operation)}, ${randomUUID()}`,
    },
  };
}
