// Answers and refusals in ARM's shape.

import type { Answer } from '../wire/exchange.ts';
import type { Resource } from './resource.ts';

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const created = (body: unknown): Answer => ({ status: 201, body });
export const noContent: Answer = { status: 204 };

export const armError = (
  status: number,
  code: string,
  message: string,
  headers?: Readonly<Record<string, string>>,
): Answer => ({ status, ...(headers && { headers }), body: { error: { code, message } } });

/** A resource as its body shows it. */
export function shown(resource: Resource): Omit<Resource, 'hidden'> {
  const { hidden, ...body } = resource;
  return hidden === undefined ? resource : body;
}

export const invalidRequest = (message: string): Answer =>
  armError(
    400,
    'InvalidRequestContent',
    `The request content was invalid and could not be deserialized: '${message}'.`,
  );
export const invalidParameter = (message: string): Answer => armError(400, 'InvalidParameter', message);

export const resourceNotFound = (type: string, name: string, group: string): Answer =>
  armError(
    404,
    'ResourceNotFound',
    `The Resource '${type}/${name}' under resource group '${group}' was not found. For more ` +
      'details please go to https://aka.ms/ARMResourceNotFoundFix',
  );

export const groupNotFound = (group: string): Answer =>
  armError(404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`);

export const subscriptionNotFound = (subscription: string): Answer =>
  armError(404, 'SubscriptionNotFound', `The subscription '${subscription}' could not be found.`);

export const regionUnavailable = (region: string): Answer =>
  armError(
    503,
    'ServiceUnavailable',
    `The service is unavailable in the region '${region}'. Please try again later.`,
  );

export const gatewayTimeout = (region: string): Answer =>
  armError(
    504,
    'GatewayTimeout',
    `The gateway did not receive a response from the region '${region}' within the specified time period.`,
  );
