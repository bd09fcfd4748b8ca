// The token issuer with the interface of Entra ID. It serves its metadata, its keys, and tokens for
// clients with a valid secret.

import { randomUUID, timingSafeEqual } from 'node:crypto';
import type { SimulatorResponse, Exchange, Handler } from '../wire/exchange.ts';
import { APP_AUDIENCE, SERVICE_PRINCIPALS, TENANT_ID } from './directory.ts';
import type { IdentitySecrets } from './secrets.ts';
import { TOKEN_LIFETIME_SECONDS, type Tokens } from './tokens.ts';

/** Creates the issuer. `authority` gives the issuer's own base URL. */
export function createIssuer(secrets: IdentitySecrets, tokens: Tokens, authority: () => string): Handler {
  return (exchange) => {
    const [tenant = '', ...rest] = withoutQuery(exchange).split('/').slice(1);
    if (tenant !== TENANT_ID)
      return errorResponse(400, 'invalid_tenant', 90002, `Tenant '${tenant}' not found.`);
    switch (`${exchange.method} ${rest.join('/')}`) {
      case 'GET v2.0/.well-known/openid-configuration':
        return { status: 200, body: metadata(`${authority()}/${TENANT_ID}`, tokens.issuer) };
      case 'GET discovery/v2.0/keys':
        return { status: 200, body: { keys: [publicKey(secrets, tokens.issuer)] } };
      case 'POST oauth2/v2.0/token':
        return issueToken(exchange, secrets, tokens);
      default:
        return {
          status: 404,
          body: {
            error: 'not_found',
            error_description: 'This issuer has metadata, keys and a token endpoint.',
          },
        };
    }
  };
}

const withoutQuery = ({ path }: Exchange): string => path.split('?')[0] ?? '';

const metadata = (base: string, issuer: string): unknown => ({
  issuer,
  authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
  token_endpoint: `${base}/oauth2/v2.0/token`,
  jwks_uri: `${base}/discovery/v2.0/keys`,
  token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
  response_types_supported: ['token'],
  subject_types_supported: ['pairwise'],
  id_token_signing_alg_values_supported: ['RS256'],
  claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'nbf', 'tid', 'oid', 'azp', 'roles', 'ver'],
});

const publicKey = ({ publicKey: key, keyId }: IdentitySecrets, issuer: string): unknown => {
  const { kty, n, e } = key.export({ format: 'jwk' });
  return { kty, use: 'sig', kid: keyId, alg: 'RS256', n, e, issuer };
};

function issueToken(exchange: Exchange, secrets: IdentitySecrets, tokens: Tokens): SimulatorResponse {
  const form = new URLSearchParams(exchange.body.toString());
  const [clientId, clientSecret] = clientCredentials(exchange, form);
  if (form.get('grant_type') !== 'client_credentials') {
    return errorResponse(
      400,
      'unsupported_grant_type',
      70003,
      'The app requested an unsupported grant type; the simulator knows client_credentials.',
    );
  }
  const principal = SERVICE_PRINCIPALS.find((candidate) => candidate.clientId === clientId);
  if (principal === undefined)
    return errorResponse(
      400,
      'unauthorized_client',
      700016,
      `Application with identifier '${clientId}' was not found in the directory.`,
    );
  const expected = secrets.clientSecrets[clientId];
  if (expected === undefined || !isSameSecret(clientSecret, expected))
    return errorResponse(401, 'invalid_client', 7000215, 'Invalid client secret provided.');
  const scope = /^(\S+)\/\.default$/.exec(form.get('scope') ?? '')?.[1];
  if (scope === undefined)
    return errorResponse(
      400,
      'invalid_scope',
      1002012,
      'The scope must be the resource followed by /.default.',
    );
  const expiry = { expires_in: TOKEN_LIFETIME_SECONDS, ext_expires_in: TOKEN_LIFETIME_SECONDS };
  return {
    status: 200,
    headers: NO_CACHE_HEADERS,
    body: { token_type: 'Bearer', ...expiry, access_token: tokens.issue(principal, audienceOf(scope)) },
  };
}

const NO_CACHE_HEADERS = { 'Cache-Control': 'no-store, no-cache', Pragma: 'no-cache' };

/** Reads the client id and the secret from the form or from basic authentication. */
function clientCredentials(exchange: Exchange, form: URLSearchParams): [id: string, secret: string] {
  const basic = /^Basic (\S+)$/i.exec(exchange.headers.authorization ?? '')?.[1];
  if (basic === undefined) return [form.get('client_id') ?? '', form.get('client_secret') ?? ''];
  const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent);
  return [id, secret];
}

/** The audience of a resource. For Lifeboat's own app the audience is the client id. */
export const audienceOf = (resource: string): string =>
  resource === `api://${APP_AUDIENCE}` ? APP_AUDIENCE : resource;

/** Compares two secrets in constant time. */
export function isSameSecret(actual: string, expected: string): boolean {
  const [actualBytes, expectedBytes] = [Buffer.from(actual), Buffer.from(expected)];
  return actualBytes.length === expectedBytes.length && timingSafeEqual(actualBytes, expectedBytes);
}

function errorResponse(status: number, error: string, code: number, message: string): SimulatorResponse {
  const traceId = randomUUID();
  return {
    status,
    headers: NO_CACHE_HEADERS,
    body: {
      error,
      error_description: `AADSTS${code}: ${message}`,
      error_codes: [code],
      timestamp: new Date().toISOString(),
      trace_id: traceId,
      correlation_id: traceId,
    },
  };
}
