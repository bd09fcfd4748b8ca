// The token endpoint of App Service for the app's managed identity. The app finds the endpoint
// through IDENTITY_ENDPOINT and IDENTITY_HEADER.

import type { SimulatorResponse, Handler } from '../wire/exchange.ts';
import type { Principal } from './directory.ts';
import type { IdentitySecrets } from './secrets.ts';
import { audienceOf, isSameSecret } from './server.ts';
import { TOKEN_LIFETIME_SECONDS, type Tokens } from './tokens.ts';

/** The path of the token endpoint. */
export const MANAGED_IDENTITY_PATH = '/msi/token';
const API_VERSION = '2019-08-01';

/** Creates the endpoint for one principal. */
export function createManagedIdentity(
  secrets: IdentitySecrets,
  tokens: Tokens,
  principal: Principal,
): Handler {
  return ({ method, path, headers }) => {
    const url = new URL(path, 'http://identity');
    if (method !== 'GET' || url.pathname !== MANAGED_IDENTITY_PATH)
      return errorResponse(404, `Tokens are at GET ${MANAGED_IDENTITY_PATH}.`);
    // The secret protects the token: an attacker may make the app call a URL, but cannot set the
    // header.
    if (!isSameSecret(headers['x-identity-header'] ?? '', secrets.identityHeader))
      return errorResponse(401, 'The header X-IDENTITY-HEADER is missing or wrong.');
    if (url.searchParams.get('api-version') !== API_VERSION)
      return errorResponse(400, `The api-version must be ${API_VERSION}.`);
    const resource = url.searchParams.get('resource');
    if (resource === null || resource === '') return errorResponse(400, 'The resource is missing.');
    return { status: 200, body: tokenResponse(principal, resource, tokens) };
  };
}

function tokenResponse(principal: Principal, resource: string, tokens: Tokens): unknown {
  const now = Math.floor(Date.now() / 1000);
  return {
    access_token: tokens.issue(principal, audienceOf(resource)),
    client_id: principal.clientId,
    expires_on: String(now + TOKEN_LIFETIME_SECONDS),
    not_before: String(now),
    resource,
    token_type: 'Bearer',
  };
}

const errorResponse = (status: number, message: string): SimulatorResponse => ({
  status,
  body: { statusCode: status, message },
});
