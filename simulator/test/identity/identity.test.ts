import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { APP_AUDIENCE, findPrincipal, TENANT_ID, type Principal } from '../../identity/directory.ts';
import { createArmGuard, createCosmosGuard } from '../../identity/guards.ts';
import { createManagedIdentity, MANAGED_IDENTITY_PATH } from '../../identity/managed-identity.ts';
import { loadIdentitySecrets, type IdentitySecrets } from '../../identity/secrets.ts';
import { createIssuer } from '../../identity/server.ts';
import { createTokens, type Tokens } from '../../identity/tokens.ts';
import type { Exchange } from '../../wire/exchange.ts';
import { createFaults } from '../../wire/faults.ts';
import { startServer, type RunningServer } from '../../wire/server.ts';
import { loadTls, type Tls } from '../../wire/tls.ts';

const ARM = 'https://management.azure.com';
const COSMOS = 'https://127.0.0.1:8081';

let folder: string;
let tls: Tls;
let secrets: IdentitySecrets;
let tokens: Tokens;
let servers: Record<'plain' | 'secure' | 'managed', RunningServer>;
let authority = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'identity-'));
  tls = await loadTls(folder);
  secrets = loadIdentitySecrets(join(folder, 'identity.json'));
  tokens = createTokens(secrets, () => authority);
  const issuer = createIssuer(secrets, tokens, () => authority);
  const start = { service: 'identity', faults: createFaults(), port: 0 } as const;
  servers = {
    plain: await startServer({ ...start, handler: issuer }),
    secure: await startServer({ ...start, handler: issuer, tls }),
    managed: await startServer({
      ...start,
      handler: createManagedIdentity(secrets, tokens, person('lifeboat')),
    }),
  };
  authority = servers.plain.url;
});
afterAll(async () => {
  await Promise.all(Object.values(servers).map((server) => server.close()));
  rmSync(folder, { recursive: true });
});

function person(name: string): Principal {
  const found = findPrincipal(name);
  if (found === undefined) throw new Error(`Nobody is called ${name}.`);
  return found;
}

/** Runs a module in a separate process, like the app, and returns its output. */
async function run(source: string, env: Record<string, string>): Promise<unknown> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  for await (const chunk of child.stdout) said += String(chunk);
  return JSON.parse(said);
}

const ask = async (
  form: Record<string, string>,
  headers: Record<string, string> = {},
  tenant = TENANT_ID,
): Promise<[number, Record<string, unknown>]> => {
  const answer = await fetch(`${servers.plain.url}/${tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    headers,
    body: new URLSearchParams(form),
  });
  return [answer.status, (await answer.json()) as Record<string, unknown>];
};

describe('the unchanged SDKs get tokens', () => {
  test('with DefaultAzureCredential, from the managed identity endpoint', async () => {
    const credential = `
      import { DefaultAzureCredential } from '@azure/identity';
      const { token, expiresOnTimestamp } = await new DefaultAzureCredential().getToken('${ARM}/.default');
      console.log(JSON.stringify({ token, left: expiresOnTimestamp - Date.now() }));`;
    const env = {
      IDENTITY_ENDPOINT: `${servers.managed.url}${MANAGED_IDENTITY_PATH}`,
      IDENTITY_HEADER: secrets.identityHeader,
    };
    const { token, left } = (await run(credential, env)) as { token: string; left: number };
    expect(left).toBeGreaterThan(3_000_000);
    expect(decodeJwt(token)).toMatchObject({ aud: ARM, oid: person('lifeboat').objectId });
    expect(createArmGuard(tokens, () => authority)(`Bearer ${token}`)).toEqual({
      principal: person('lifeboat').objectId,
    });
  });

  test('with ClientSecretCredential, from the issuer over TLS', async () => {
    const { clientId, objectId } = person('operator');
    const given = [TENANT_ID, clientId, secrets.clientSecrets[clientId], servers.secure.url];
    const credential = `
      import { ClientSecretCredential } from '@azure/identity';
      const [tenant, id, secret, authorityHost] = ${JSON.stringify(given)};
      const options = { authorityHost, disableInstanceDiscovery: true };
      const credential = new ClientSecretCredential(tenant, id, secret, options);
      console.log(JSON.stringify(await credential.getToken('api://${APP_AUDIENCE}/.default')));`;
    authority = servers.secure.url;
    try {
      const { token } = (await run(credential, { NODE_EXTRA_CA_CERTS: tls.caFile })) as { token: string };
      expect(tokens.check(`Bearer ${token}`, [APP_AUDIENCE])).toMatchObject({
        principal: objectId,
        roles: ['Operator'],
      });
    } finally {
      authority = servers.plain.url;
    }
  });
});

describe('a token', () => {
  const verified = (token: string) =>
    jwtVerify(token, createRemoteJWKSet(new URL(`${authority}/${TENANT_ID}/discovery/v2.0/keys`)), {
      issuer: `${authority}/${TENANT_ID}/v2.0`,
      audience: APP_AUDIENCE,
    });

  test("passes jose with the issuer's keys, and carries Entra's claims", async () => {
    const { clientId, objectId } = person('operator');
    const { payload, protectedHeader } = await verified(tokens.issue(person('operator'), APP_AUDIENCE));
    expect(protectedHeader).toEqual({ typ: 'JWT', alg: 'RS256', kid: secrets.keyId });
    expect(payload).toMatchObject({
      azp: clientId,
      oid: objectId,
      sub: objectId,
      tid: TENANT_ID,
      roles: ['Operator'],
      ver: '2.0',
    });
    expect((payload.exp ?? 0) - Date.now() / 1000).toBeGreaterThan(3_500);
  });

  test('of a person names the person and the client, and one of a service is marked as such', () => {
    expect(decodeJwt(tokens.issue(person('ada'), APP_AUDIENCE))).toMatchObject({
      oid: person('ada').objectId,
      name: 'Ada Operator',
      preferred_username: 'ada@simulator.example',
      scp: 'access_as_user',
      roles: ['Operator'],
      azpacr: '0',
    });
    expect(decodeJwt(tokens.issue(person('ada'), APP_AUDIENCE)).idtyp).toBeUndefined();
    expect(decodeJwt(tokens.issue(person('operator'), APP_AUDIENCE))).toMatchObject({
      idtyp: 'app',
      azpacr: '1',
    });
    expect(decodeJwt(tokens.issue(person('operator'), APP_AUDIENCE)).preferred_username).toBeUndefined();
  });

  test('has no roles without a role assignment or for another audience', () => {
    expect(decodeJwt(tokens.issue(person('stranger'), APP_AUDIENCE)).roles).toBeUndefined();
    expect(decodeJwt(tokens.issue(person('operator'), ARM)).roles).toBeUndefined();
  });

  const forge = (
    change: { header?: object; claims?: object },
    resign?: (content: string) => string,
  ): string => {
    const [header = '', claims = '', signature = ''] = tokens
      .issue(person('operator'), APP_AUDIENCE)
      .split('.');
    const changed = (part: string, by: object = {}): string =>
      Buffer.from(
        JSON.stringify({ ...(JSON.parse(Buffer.from(part, 'base64url').toString()) as object), ...by }),
      ).toString('base64url');
    const content = `${changed(header, change.header)}.${changed(claims, change.claims)}`;
    return `${content}.${resign?.(content) ?? signature}`;
  };
  const publicPem = (): string => secrets.publicKey.export({ type: 'spki', format: 'pem' }).toString();

  test.each<[string, () => string | undefined]>([
    ['none', () => undefined],
    ['nonsense', () => 'Bearer a.b.c'],
    ['another scheme', () => `Basic ${tokens.issue(person('operator'), APP_AUDIENCE)}`],
    ['a changed claim', () => `Bearer ${forge({ claims: { roles: ['Owner'] } })}`],
    ['no algorithm', () => `Bearer ${forge({ header: { alg: 'none' } })}`],
    [
      'signed with the public key as a secret',
      () =>
        'Bearer ' +
        forge({ header: { alg: 'HS256' } }, (content) =>
          createHmac('sha256', publicPem()).update(content).digest('base64url'),
        ),
    ],
    [
      'another key',
      () =>
        'Bearer ' +
        createTokens(loadIdentitySecrets(join(folder, 'other.json')), () => authority).issue(
          person('operator'),
          APP_AUDIENCE,
        ),
    ],
    [
      'another issuer',
      () => `Bearer ${createTokens(secrets, () => 'https://else').issue(person('operator'), APP_AUDIENCE)}`,
    ],
    ['another audience', () => `Bearer ${tokens.issue(person('operator'), ARM)}`],
    [
      'one unknown here',
      () => `Bearer ${tokens.issue({ ...person('operator'), objectId: 'nobody' }, APP_AUDIENCE)}`,
    ],
  ])('is refused: %s', (_name, header) => {
    expect(
      tokens.check(`Bearer ${tokens.issue(person('operator'), APP_AUDIENCE)}`, [APP_AUDIENCE]),
    ).toBeDefined();
    expect(tokens.check(header(), [APP_AUDIENCE])).toBeUndefined();
  });

  test('is refused when it is expired, or not yet valid', () => {
    const header = `Bearer ${tokens.issue(person('operator'), APP_AUDIENCE)}`;
    const wall = jest.spyOn(Date, 'now');
    const now = Date.now();
    for (const [shift, good] of [
      [0, true],
      [3_500_000, true],
      [3_700_000, false],
      [-120_000, false],
    ] as const) {
      wall.mockReturnValue(now + shift);
      expect([shift, tokens.check(header, [APP_AUDIENCE]) !== undefined]).toEqual([shift, good]);
    }
    wall.mockRestore();
  });
});

describe('the token endpoint', () => {
  const form = (change: Record<string, string> = {}): Record<string, string> => {
    const { clientId } = person('reader');
    return {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: secrets.clientSecrets[clientId] ?? '',
      scope: `${APP_AUDIENCE}/.default`,
      ...change,
    };
  };

  test('accepts the secret in the form or as basic authentication', async () => {
    const { client_id: id = '', client_secret: secret = '', ...rest } = form();
    for (const answer of [
      await ask(form()),
      await ask(rest, { Authorization: `Basic ${btoa(`${id}:${secret}`)}` }),
    ]) {
      expect(answer).toMatchObject([200, { token_type: 'Bearer', expires_in: 3600 }]);
      expect(tokens.check(`Bearer ${String(answer[1].access_token)}`, [APP_AUDIENCE])).toMatchObject({
        principal: person('reader').objectId,
        roles: ['Reader'],
      });
    }
  });

  test.each<[string, Record<string, string>, number, string, number]>([
    ['a wrong secret', { client_secret: 'guess' }, 401, 'invalid_client', 7000215],
    [
      'the client for sign-in',
      { client_id: person('ada').clientId, client_secret: '' },
      400,
      'unauthorized_client',
      700016,
    ],
    ['an unknown client', { client_id: 'who' }, 400, 'unauthorized_client', 700016],
    ['another grant', { grant_type: 'password' }, 400, 'unsupported_grant_type', 70003],
    ['a scope other than .default', { scope: 'User.Read' }, 400, 'invalid_scope', 1002012],
  ])('refuses %s', async (_name, change, status, error, code) => {
    expect(await ask(form(change))).toMatchObject([
      status,
      { error, error_codes: [code], error_description: expect.stringMatching(`^AADSTS${code}: `) as string },
    ]);
  });

  test('refuses another tenant', async () => {
    expect(await ask(form(), {}, 'else')).toMatchObject([400, { error: 'invalid_tenant' }]);
  });

  test('is found through the metadata', async () => {
    const answer = await fetch(`${authority}/${TENANT_ID}/v2.0/.well-known/openid-configuration`);
    expect(await answer.json()).toMatchObject({
      issuer: `${authority}/${TENANT_ID}/v2.0`,
      token_endpoint: `${authority}/${TENANT_ID}/oauth2/v2.0/token`,
      jwks_uri: `${authority}/${TENANT_ID}/discovery/v2.0/keys`,
    });
  });
});

test.each<[string, string, Record<string, string>, number]>([
  ['no header', `?resource=${ARM}&api-version=2019-08-01`, {}, 401],
  ['a wrong header', `?resource=${ARM}&api-version=2019-08-01`, { 'X-IDENTITY-HEADER': 'guess' }, 401],
  ['another version', `?resource=${ARM}&api-version=2017-09-01`, { 'X-IDENTITY-HEADER': '' }, 400],
  ['no resource', '?api-version=2019-08-01', { 'X-IDENTITY-HEADER': '' }, 400],
])('the managed identity endpoint refuses %s', async (_name, query, headers, status) => {
  const given =
    headers['X-IDENTITY-HEADER'] === '' ? { 'X-IDENTITY-HEADER': secrets.identityHeader } : headers;
  expect(
    (await fetch(`${servers.managed.url}${MANAGED_IDENTITY_PATH}${query}`, { headers: given })).status,
  ).toBe(status);
});

describe('the guards', () => {
  const arm = (name: string, audience: string) =>
    createArmGuard(tokens, () => authority)(`Bearer ${tokens.issue(person(name), audience)}`);
  const cosmos = (authorization: string) =>
    createCosmosGuard(tokens, () => COSMOS)({ headers: { authorization } } as unknown as Exchange);
  const cosmosToken = (name: string, audience: string): string =>
    encodeURIComponent(`type=aad&ver=1.0&sig=${tokens.issue(person(name), audience)}`);

  test.each([ARM, `${ARM}/`, 'https://management.core.windows.net/'])(
    'ARM accepts %s from principals with rights',
    (audience) => {
      expect(arm('lifeboat', audience)).toEqual({ principal: person('lifeboat').objectId });
      expect(arm('colleague', audience)).toEqual({ principal: person('colleague').objectId });
    },
  );

  test('ARM refuses principals without rights, another audience and a missing token', () => {
    expect(arm('operator', ARM)).toMatchObject({
      refused: { status: 403, body: { error: { code: 'AuthorizationFailed' } } },
    });
    expect(arm('lifeboat', APP_AUDIENCE)).toMatchObject({
      refused: { status: 401, body: { error: { code: 'InvalidAuthenticationToken' } } },
    });
    expect(createArmGuard(tokens, () => authority)(undefined)).toMatchObject({
      refused: { status: 401, body: { error: { code: 'AuthenticationFailed' } } },
    });
  });

  test.each(['https://cosmos.azure.com', `${COSMOS}/`, COSMOS])(
    'Cosmos accepts %s from Lifeboat alone',
    (audience) => {
      expect(cosmos(cosmosToken('lifeboat', audience))).toEqual({ principal: person('lifeboat').objectId });
      expect(cosmos(cosmosToken('colleague', audience))).toMatchObject({ refused: { status: 403 } });
    },
  );

  test.each(['', '%', 'type%3Dmaster%26ver%3D1.0%26sig%3Dx', 'type%3Daad%26ver%3D1.0%26sig%3Dx'])(
    'Cosmos refuses "%s"',
    (authorization) => {
      expect(cosmos(authorization)).toMatchObject({ refused: { status: 401 } });
    },
  );
});

test('keys and secrets stay in a file that only its owner may read', () => {
  const file = join(folder, 'identity.json');
  const again = loadIdentitySecrets(file);
  expect([again.keyId, again.identityHeader, again.clientSecrets]).toEqual([
    secrets.keyId,
    secrets.identityHeader,
    secrets.clientSecrets,
  ]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});
