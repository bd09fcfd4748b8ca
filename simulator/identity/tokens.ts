// Issues and checks access tokens in the format of Entra ID (version 2.0, RS256). Tokens always use
// wall time, never simulated time.

import { randomUUID, sign, verify } from 'node:crypto';
import { APP_AUDIENCE, PRINCIPALS, TENANT_ID, type Principal } from './directory.ts';
import type { IdentitySecrets } from './secrets.ts';

/** The validity of a token in seconds. */
export const TOKEN_LIFETIME_SECONDS = 3600;
/** The largest difference in seconds between the clocks of issuer and checker. */
const MAX_CLOCK_SKEW_SECONDS = 60;

export interface TokenHolder {
  /** The object id. */
  readonly principal: string;
  readonly roles: readonly string[];
  /** In milliseconds since 1970. */
  readonly expires: number;
}

/** Issues tokens and checks them. */
export interface Tokens {
  readonly issuer: string;
  issue(principal: Principal, audience: string): string;
  /**
   * Returns the holder of an authorization header (`Bearer …`). Returns undefined unless this
   * issuer issued the token, the token is valid now, and its audience is in the list.
   */
  check(authorization: string | undefined, audiences: readonly string[]): TokenHolder | undefined;
}

interface Claims {
  readonly aud: string;
  readonly iss: string;
  readonly exp: number;
  readonly nbf: number;
  readonly tid: string;
  readonly oid: string;
  readonly roles?: readonly string[];
}

const MAX_CACHED_TOKENS = 1_000;

const encodeJson = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const decodeJson = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
const currentSeconds = (): number => Math.floor(Date.now() / 1000);
/** Clients write audiences with and without the slash at the end. */
const normalizeAudience = (audience: string): string => audience.replace(/\/+$/, '').toLowerCase();

/** Creates the issuer's tokens. `authority` gives the issuer's own base URL. */
export function createTokens(secrets: IdentitySecrets, authority: () => string): Tokens {
  const issuer = (): string => `${authority()}/${TENANT_ID}/v2.0`;

  /**
   * The claims of verified tokens. A client calls a server many times with the same token, and a
   * check of the signature is slow.
   */
  const verifiedClaims = new Map<string, Claims>();
  const cachedClaims = (token: string): Claims | undefined => {
    const claims = verifiedClaims.get(token) ?? verifyToken(token);
    if (claims === undefined) return undefined;
    if (verifiedClaims.size >= MAX_CACHED_TOKENS) verifiedClaims.clear();
    verifiedClaims.set(token, claims);
    return claims;
  };

  const verifyToken = (token: string): Claims | undefined => {
    const [header = '', payload = '', signature = ''] = token.split('.');
    const { alg, kid } = decodeJson(header) as { alg?: unknown; kid?: unknown };
    if (alg !== 'RS256' || kid !== secrets.keyId) return undefined;
    const genuine = verify(
      'RSA-SHA256',
      Buffer.from(`${header}.${payload}`),
      secrets.publicKey,
      Buffer.from(signature, 'base64url'),
    );
    return genuine ? (decodeJson(payload) as Claims) : undefined;
  };

  return {
    get issuer() {
      return issuer();
    },
    issue(principal, audience) {
      const now = currentSeconds();
      const claims = {
        aud: audience,
        iss: issuer(),
        iat: now,
        nbf: now,
        exp: now + TOKEN_LIFETIME_SECONDS,
        azp: principal.clientId,
        oid: principal.objectId,
        sub: principal.objectId,
        tid: TENANT_ID,
        ...principalClaims(principal),
        ...(audience === APP_AUDIENCE && principal.roles.length > 0 && { roles: principal.roles }),
        uti: randomUUID(),
        ver: '2.0',
      };
      const content = `${encodeJson({ typ: 'JWT', alg: 'RS256', kid: secrets.keyId })}.${encodeJson(claims)}`;
      return `${content}.${sign('RSA-SHA256', Buffer.from(content), secrets.privateKey).toString('base64url')}`;
    },
    check(authorization, audiences) {
      const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '')?.[1];
      const claims = token === undefined ? undefined : orUndefined(() => cachedClaims(token));
      if (claims === undefined || claims.iss !== issuer() || claims.tid !== TENANT_ID) return undefined;
      if (
        claims.exp < currentSeconds() - MAX_CLOCK_SKEW_SECONDS ||
        claims.nbf > currentSeconds() + MAX_CLOCK_SKEW_SECONDS
      )
        return undefined;
      if (!audiences.some((audience) => normalizeAudience(audience) === normalizeAudience(claims.aud)))
        return undefined;
      return PRINCIPALS.some(({ objectId }) => objectId === claims.oid)
        ? { principal: claims.oid, roles: claims.roles ?? [], expires: claims.exp * 1000 }
        : undefined;
    },
  };
}

/**
 * The claims that differ between people and services. A person lets the client act for them. A
 * service acts for itself and proves its identity with a secret.
 */
const principalClaims = ({ person }: Principal) =>
  person === undefined
    ? { azpacr: '1', idtyp: 'app' }
    : { azpacr: '0', name: person.displayName, preferred_username: person.username, scp: 'access_as_user' };

/** Returns undefined when the text is not a token. */
function orUndefined<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
