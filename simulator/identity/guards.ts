// Checks the callers of ARM, Cosmos DB and Service Bus. Each service refuses a caller with its own
// error format.

import type { SimulatorResponse, Exchange } from '../wire/exchange.ts';
import {
  APP_NAME,
  ARM_AUDIENCES,
  COSMOS_AUDIENCE,
  PRINCIPALS,
  SERVICE_BUS_AUDIENCE,
  TENANT_ID,
  type Principal,
  type ServiceBusRight,
} from './directory.ts';
import type { Tokens } from './tokens.ts';

/** The accepted caller, or the refusal. */
export type AuthorizationResult =
  | { readonly principal: string; readonly actions?: readonly string[] }
  | { readonly refused: SimulatorResponse };

/**
 * Checks callers of ARM. With `appActions` the app may do only these actions. All other principals
 * with access may do everything.
 */
export function createArmGuard(
  tokens: Tokens,
  authority: () => string,
  appActions?: readonly string[],
): (authorization: string | undefined) => AuthorizationResult {
  return (authorization) => {
    if (authorization === undefined)
      return armChallenge(
        authority(),
        'AuthenticationFailed',
        "Authentication failed. The 'Authorization' header is missing.",
      );
    const caller = findPrincipalById(tokens.check(authorization, ARM_AUDIENCES)?.principal);
    if (caller === undefined)
      return armChallenge(authority(), 'InvalidAuthenticationToken', 'The access token is invalid.');
    return caller.hasArmAccess
      ? { principal: caller.objectId, ...(appActions && caller.name === APP_NAME && { actions: appActions }) }
      : armErrorResult(
          403,
          'AuthorizationFailed',
          `The client '${caller.clientId}' with object id '${caller.objectId}' does not have ` +
            'authorization to perform this action over this scope.',
        );
  };
}

const armErrorResult = (
  status: number,
  code: string,
  message: string,
  headers?: Record<string, string>,
): AuthorizationResult => ({
  refused: { status, ...(headers && { headers }), body: { error: { code, message } } },
});

const armChallenge = (authority: string, code: string, message: string): AuthorizationResult =>
  armErrorResult(401, code, message, {
    'WWW-Authenticate':
      `Bearer authorization_uri="${authority}/${TENANT_ID}", error="invalid_token", ` +
      `error_description="${message}"`,
  });

/** Checks callers of Cosmos DB. The token comes URL-encoded as `type=aad&ver=1.0&sig=<token>`. */
export function createCosmosGuard(
  tokens: Tokens,
  endpoint: () => string,
): (exchange: Exchange) => AuthorizationResult {
  return ({ headers }) => {
    const form = new URLSearchParams(decodeSafely(headers.authorization ?? ''));
    const bearer = form.get('type') === 'aad' ? `Bearer ${form.get('sig') ?? ''}` : undefined;
    const caller = findPrincipalById(tokens.check(bearer, [COSMOS_AUDIENCE, endpoint()])?.principal);
    if (caller === undefined)
      return {
        refused: {
          status: 401,
          body: { code: 'Unauthorized', message: "The input authorization token can't serve the request." },
        },
      };
    return caller.hasCosmosAccess
      ? { principal: caller.objectId }
      : {
          refused: {
            status: 403,
            headers: { 'x-ms-substatus': '5300' },
            body: {
              code: 'Forbidden',
              message:
                `Request blocked by Auth: principal [${caller.objectId}] does not have required RBAC ` +
                'permissions.',
            },
          },
        };
  };
}

/** Checks a token that a client sends over AMQP. Service Bus checks the rights at each link. */
export function createServiceBusGuard(
  tokens: Tokens,
): (token: string) => { readonly rights: readonly ServiceBusRight[]; readonly expires: number } | undefined {
  return (token) => {
    const caller = tokens.check(`Bearer ${token}`, [SERVICE_BUS_AUDIENCE]);
    const principal = findPrincipalById(caller?.principal);
    return caller && principal && { rights: principal.serviceBusRights, expires: caller.expires };
  };
}

const findPrincipalById = (objectId: string | undefined): Principal | undefined =>
  PRINCIPALS.find((principal) => principal.objectId === objectId);

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
