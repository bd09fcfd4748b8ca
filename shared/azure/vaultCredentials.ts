// Lets a vault issue the credentials for servers that register with it. The SDK lacks the field that
// makes the vault issue a certificate, so this file sends the requests itself.
// All results are secrets: no log and no document may hold them.
import * as z from 'zod';
import { config } from '../core/config.ts';
import { ARM_SCOPE, azureCredential } from '../core/credential.ts';
import { rejected, transient } from '../core/errors.ts';
import { newGuid } from '../core/ids.ts';

const API_VERSION = '2024-04-01';

const IssuedCertificate = z.object({
  properties: z.object({
    certificate: z.string().min(1),
    validTo: z.coerce.date(),
    resourceId: z.union([z.number(), z.string()]).transform(String),
    aadAuthority: z.string(),
    aadTenantId: z.string(),
    servicePrincipalClientId: z.string(),
    azureManagementEndpointAudience: z.string(),
    aadAudience: z.string().nullish(),
  }),
});
/** A certificate with its private key, and the way to sign in with it. */
export type IssuedCertificate = z.infer<typeof IssuedCertificate>['properties'];

const ExtendedInfo = z.object({ properties: z.object({ integrityKey: z.string().min(1) }) });

/** Makes the vault issue a certificate under this name. */
export async function issueCertificate(
  vaultId: string,
  name: string,
  validityInHours: number,
): Promise<IssuedCertificate> {
  const path = `certificates/${encodeURIComponent(name)}`;
  const body = { certificateCreateOptions: { validityInHours } };
  return (await callVault(vaultId, 'PUT', path, IssuedCertificate, body)).properties;
}

const EXTENDED_INFO = 'extendedInformation/vaultExtendedInfo';

/** Returns the key with which servers sign their messages, or undefined while the vault has none. */
export async function readIntegrityKey(vaultId: string): Promise<string | undefined> {
  const found = await callVault(vaultId, 'GET', EXTENDED_INFO, ExtendedInfo.or(z.undefined()));
  return found?.properties.integrityKey;
}

/** Gives the vault its key for messages. */
export async function writeIntegrityKey(vaultId: string, integrityKey: string): Promise<void> {
  const body = { properties: { integrityKey, algorithm: 'None' } };
  await callVault(vaultId, 'PUT', EXTENDED_INFO, ExtendedInfo, body);
}

/** Sends one request below the vault. The schema of a read decides whether a 404 is an answer. */
async function callVault<Schema extends z.ZodType>(
  vaultId: string,
  method: 'GET' | 'PUT',
  path: string,
  schema: Schema,
  body?: object,
): Promise<z.infer<Schema>> {
  const { token } = (await (await azureCredential()).getToken(ARM_SCOPE)) ?? { token: '' };
  const url = new URL(`${vaultId}/${path}?api-version=${API_VERSION}`, config().LIFEBOAT_ARM_ENDPOINT);
  const answer = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'x-ms-client-request-id': newGuid(),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    redirect: 'error',
    signal: AbortSignal.timeout(config().LIFEBOAT_SEND_TIMEOUT_SECONDS * 1000),
  }).catch((error: unknown) => {
    throw unavailable(vaultId, 'nothing', error);
  });
  if (answer.status === 401 || answer.status === 403)
    throw rejected(
      422,
      'AzureForbids',
      `Lifeboat may not make registration keys of ${vaultId}: Azure answered ${answer.status}. No key was ` +
        "made. Give Lifeboat's identity its role for this subscription, then try again.",
    );
  const content: unknown = answer.status === 404 ? undefined : await answer.json().catch(() => undefined);
  const read = schema.safeParse(answer.ok ? content : undefined);
  if ((answer.ok || answer.status === 404) && read.success) return read.data;
  throw unavailable(vaultId, String(answer.status));
}

/** The cause never holds the content of an answer: the content can be a secret. */
const unavailable = (vaultId: string, answer: string, cause?: unknown): Error =>
  transient(
    'AzureUnavailable',
    `Lifeboat could not make a registration key of ${vaultId} now: Azure answered ${answer}. No key was made; ` +
      'try again.',
    cause,
  );
