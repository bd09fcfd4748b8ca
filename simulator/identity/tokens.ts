// Access tokens as Entra ID issues them (version 2.0, RS256), and their check. Tokens live in wall
// time, whatever the story's.

import { randomUUID, sign, verify } from 'node:crypto';
import { AUDIENCE, PRINCIPALS, TENANT, type Principal } from './directory.ts';
import type { IdentitySecrets } from './secrets.ts';

/** Seconds that a token is good for. */
export const LIFETIME = 3600;
/** Seconds that the clocks of issuer and checker may differ. */
const SKEW = 60;

export interface Caller {
  /** The object id. */
  readonly principal: string;
  readonly roles: readonly string[];
  /** In milliseconds since 1970. */
  readonly expires: number;
}

export interface Tokens {
  readonly issuer: string;
  issue(principal: Principal, audience: string): string;
  /**
   * Who shows this header (`Bearer …`), or undefined unless the token is ours, in time and for one
   * of these audiences.
   */
  check(authorization: string | undefined, audiences: readonly string[]): Caller | undefined;
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

const MOST_KNOWN = 1_000;

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const decoded = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
const seconds = (): number => Math.floor(Date.now() / 1000);
/** Audiences are named with and without the slash at the end. */
const bare = (audience: string): string => audience.replace(/\/+$/, '').toLowerCase();

export function createTokens(secrets: IdentitySecrets, authority: () => string): Tokens {
  const issuer = (): string => `${authority()}/${TENANT}/v2.0`;

  /** Whoever calls a server calls it many times with the same token. */
  const known = new Map<string, Claims>();
  const trusted = (token: string): Claims | undefined => {
    const claims = known.get(token) ?? verified(token);
    if (claims === undefined) return undefined;
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(token, claims);
    return claims;
  };

  const verified = (token: string): Claims | undefined => {
    const [header = '', payload = '', signature = ''] = token.split('.');
    const { alg, kid } = decoded(header) as { alg?: unknown; kid?: unknown };
    if (alg !== 'RS256' || kid !== secrets.keyId) return undefined;
    const genuine = verify(
      'RSA-SHA256',
      Buffer.from(`${header}.${payload}`),
      secrets.publicKey,
      Buffer.from(signature, 'base64url'),
    );
    return genuine ? (decoded(payload) as Claims) : undefined;
  };

  return {
    get issuer() {
      return issuer();
    },
    issue(principal, audience) {
      const now = seconds();
      const claims = {
        aud: audience,
        iss: issuer(),
        iat: now,
        nbf: now,
        exp: now + LIFETIME,
        azp: principal.clientId,
        oid: principal.objectId,
        sub: principal.objectId,
        tid: TENANT,
        ...kindOf(principal),
        ...(audience === AUDIENCE && principal.roles.length > 0 && { roles: principal.roles }),
        uti: randomUUID(),
        ver: '2.0',
      };
      const content = `${encoded({ typ: 'JWT', alg: 'RS256', kid: secrets.keyId })}.${encoded(claims)}`;
      return `${content}.${sign('RSA-SHA256', Buffer.from(content), secrets.privateKey).toString('base64url')}`;
    },
    check(authorization, audiences) {
      const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '')?.[1];
      const claims = token === undefined ? undefined : safely(() => trusted(token));
      if (claims === undefined || claims.iss !== issuer() || claims.tid !== TENANT) return undefined;
      if (claims.exp < seconds() - SKEW || claims.nbf > seconds() + SKEW) return undefined;
      if (!audiences.some((audience) => bare(audience) === bare(claims.aud))) return undefined;
      return PRINCIPALS.some(({ objectId }) => objectId === claims.oid)
        ? { principal: claims.oid, roles: claims.roles ?? [], expires: claims.exp * 1000 }
        : undefined;
    },
  };
}

/** A person allows the client to act for him; a service acts for itself, and has shown its secret. */
const kindOf = ({ person }: Principal) =>
  person === undefined
    ? { azpacr: '1', idtyp: 'app' }
    : { azpacr: '0', name: person.displayName, preferred_username: person.username, scp: 'access_as_user' };

/** Undefined for what is no token at all. */
function safely<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
