// Builds responses and errors in ARM's format.

import type { SimulatorResponse } from '../wire/exchange.ts';
import type { Resource } from './resource.ts';

export const ok = (body: unknown): SimulatorResponse => ({ status: 200, body });
export const created = (body: unknown): SimulatorResponse => ({ status: 201, body });
export const noContent: SimulatorResponse = { status: 204 };

export const armError = (
  status: number,
  code: string,
  message: string,
  headers?: Readonly<Record<string, string>>,
): SimulatorResponse => ({ status, ...(headers && { headers }), body: { error: { code, message } } });

/** Returns the body of a resource. */
export function withoutHidden(resource: Resource): Omit<Resource, 'hidden'> {
  const { hidden, ...body } = resource;
  return hidden === undefined ? resource : body;
}

export const invalidRequest = (message: string): SimulatorResponse =>
  armError(
    400,
    'InvalidRequestContent',
    `The request content was invalid and could not be deserialized: '${message}'.`,
  );
export const invalidParameter = (message: string): SimulatorResponse =>
  armError(400, 'InvalidParameter', message);

export const resourceNotFound = (type: string, name: string, group: string): SimulatorResponse =>
  armError(
    404,
    'ResourceNotFound',
    `The Resource '${type}/${name}' under resource group '${group}' was not found. For more ` +
      'details please go to https://aka.ms/ARMResourceNotFoundFix',
  );

export const groupNotFound = (group: string): SimulatorResponse =>
  armError(404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`);

export const subscriptionNotFound = (subscription: string): SimulatorResponse =>
  armError(404, 'SubscriptionNotFound', `The subscription '${subscription}' could not be found.`);

export const regionUnavailable = (region: string): SimulatorResponse =>
  armError(
    503,
    'ServiceUnavailable',
    `The service is unavailable in the region '${region}'. Please try again later.`,
  );

export const gatewayTimeout = (region: string): SimulatorResponse =>
  armError(
    504,
    'GatewayTimeout',
    `The gateway did not receive a response from the region '${region}' within the specified time period.`,
  );
