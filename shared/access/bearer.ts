// Authenticates callers with bearer tokens of Entra ID, and checks their roles. The check covers
// signature, algorithm, issuer, audience, tenant and times. Every REST route with a token calls
// this file first.
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import * as z from 'zod';
import { config } from '../core/config.ts';
import { rejected, transient } from '../core/errors.ts';
import { toSingleLine } from '../core/parse.ts';
import type { Caller } from './caller.ts';
import { OPERATION_ROLES, roleMissing, ROUTE_ROLES, type Route } from './roles.ts';
import type { Operation } from '../core/operations.ts';
import type { Role } from '../core/role.ts';

const ALGORITHMS = ['RS256'];
const CLOCK_TOLERANCE_SECONDS = 60;

const Claims = z.object({
  oid: z.string().min(1),
  tid: z.string().min(1),
  roles: z.array(z.string()).default([]),
  name: z.string().optional(),
  preferred_username: z.string().optional(),
  /** The client that got the token. Entra ID gives it to access tokens only, not to ID tokens. */
  azp: z.string().min(1).optional(),
});

let cachedKeys: JWTVerifyGetKey | undefined;
const issuer = (): string => `${config().LIFEBOAT_AUTHORITY}/${config().LIFEBOAT_TENANT_ID}`;
const remoteKeys = (): JWTVerifyGetKey =>
  (cachedKeys ??= createRemoteJWKSet(new URL(`${issuer()}/discovery/v2.0/keys`)));

/** Returns the caller of a valid token, or throws 401. */
export async function authenticate(authorization: string | null): Promise<Caller> {
  const token = /^Bearer ([^\s]+)$/i.exec(authorization ?? '')?.[1];
  if (!token)
    throw rejected(
      401,
      'TokenMissing',
      'Send a bearer token of Entra ID for this service in the Authorization header.',
    );
  const claims = Claims.safeParse(await verifyToken(token));
  if (!claims.success || claims.data.tid !== config().LIFEBOAT_TENANT_ID)
    throw tokenRefused('it is not a token of a person or service of this tenant');
  const { oid, tid, roles, name, preferred_username: username, azp } = claims.data;
  if (azp === undefined)
    throw tokenRefused('it is no access token. Ask Entra ID for a token with a scope of this service');
  return { id: oid, tenant: tid, roles, name: toSingleLine(username ?? name ?? azp), door: 'rest' };
}

async function verifyToken(token: string): Promise<JWTPayload> {
  // Read the settings outside the `try`. A wrong setting must not look like an unavailable sign-in
  // service.
  const [expectedIssuer, audience, keysOfIssuer] = [
    `${issuer()}/v2.0`,
    config().LIFEBOAT_AUDIENCE,
    remoteKeys(),
  ];
  try {
    const { payload } = await jwtVerify(token, keysOfIssuer, {
      issuer: expectedIssuer,
      audience,
      algorithms: ALGORITHMS,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ['exp', 'iat'],
    });
    return payload;
  } catch (error) {
    // Only a fault that jose found in the token is the caller's error. When the keys are
    // unavailable, the fault is on Lifeboat's side.
    if (
      error instanceof errors.JOSEError &&
      !(error instanceof errors.JWKSTimeout) &&
      error.code !== 'ERR_JOSE_GENERIC'
    )
      throw tokenRefused(REASON_BY_CODE[error.code] ?? 'it cannot be verified');
    throw transient(
      'SignInUnavailable',
      'Lifeboat cannot read the keys of the sign-in service now. Nothing was done; try again.',
      error,
    );
  }
}

const REASON_BY_CODE: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: 'it has expired',
  ERR_JWT_CLAIM_VALIDATION_FAILED: 'it was made for another service, by another issuer, or is not valid yet',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'its signature is wrong',
  ERR_JOSE_ALG_NOT_ALLOWED: 'its algorithm is not allowed',
  ERR_JWKS_NO_MATCHING_KEY: 'its key does not belong to the sign-in service',
};

/**
 * Describes a caller for the log. The id is necessary, because a name may later belong to another
 * caller.
 */
export const describeCaller = ({ name, id, tenant, roles }: Caller): string =>
  `${name} (${id} of ${tenant}; ${roles.join(', ') || 'no role'})`;

const tokenRefused = (reason: string) =>
  rejected(401, 'TokenRefused', `The bearer token was refused: ${reason}.`);

/** True: the caller has a role that the route allows. */
export const isAuthorized = ({ roles }: Caller, route: Route): boolean =>
  (ROUTE_ROLES[route] as readonly Role[]).some((role) => roles.includes(role));

/**
 * Throws 403 unless the caller has a role that the route allows. The operation that the request asks
 * for may need more than the route does, so the message names its roles.
 */
export function authorize(caller: Caller, route: Route, operation?: Operation): void {
  if (isAuthorized(caller, route)) return;
  throw operation === undefined
    ? roleMissing(route, ROUTE_ROLES[route], caller, '.')
    : roleMissing(operation, OPERATION_ROLES[operation], caller, '. Nothing was started.');
}
