// The audiences of an accepted token. The test creates keys and tokens, and serves them as Entra ID
// does.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { authenticate } from '../../../shared/access/bearer.ts';

const TENANT = '7d1c8a52-3f0e-4b7a-9c46-1e5b0a6f2d10';
const CLIENT_ID = '2b9e6f41-8c57-4d3a-b1f0-6a7d5c3e9084';
const IDENTIFIER_URI = `api://${TENANT}/lifeboat-abc123`;
let server: Server;
let tokenFor: (audience: string) => Promise<string>;

beforeAll(async () => {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const keys = JSON.stringify({
    keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }],
  });
  server = createServer((_request, response) => response.end(keys));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const authority = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(process.env, {
    LIFEBOAT_AUTHORITY: authority,
    LIFEBOAT_TENANT_ID: TENANT,
    LIFEBOAT_AUDIENCE: `${CLIENT_ID}, ${IDENTIFIER_URI}`,
    LIFEBOAT_COSMOS_ENDPOINT: 'https://cosmos.example',
    LIFEBOAT_VAULTS: '/subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v',
  });
  tokenFor = (audience) =>
    new SignJWT({ oid: 'a94c0e7d-25f1-4b86-9e3a-7d1f8c5b6042', azp: 'cli', tid: TENANT, roles: ['Reader'] })
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .setIssuer(`${authority}/${TENANT}/v2.0`)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey);
});
afterAll(() => void server.close());

test.each([
  ['client id', CLIENT_ID],
  ['identifier URI', IDENTIFIER_URI],
])('Lifeboat accepts a token for the %s (1.3) [RBAC-1]', async (_name, audience) => {
  expect((await authenticate(`Bearer ${await tokenFor(audience)}`)).roles).toEqual(['Reader']);
});

test.each([
  ['another app', 'c0ffee00-8c57-4d3a-b1f0-6a7d5c3e9084'],
  ['Azure', 'https://management.azure.com'],
  ['the whole list', `${CLIENT_ID}, ${IDENTIFIER_URI}`],
])('Lifeboat refuses a token for %s (1.3) [RBAC-1]', async (_name, audience) => {
  await expect(authenticate(`Bearer ${await tokenFor(audience)}`)).rejects.toThrow(
    'made for another service',
  );
});
