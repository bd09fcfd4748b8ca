// The credentials of a vault: uploaded or issued certificates, and the key for the integrity of messages. A
// client makes a registration key from both. Servers of a company's own site register with that key.

import { X509Certificate } from 'node:crypto';
import * as z from 'zod';

import type { SimulatorResponse } from '../wire/exchange.ts';
import { guidOf } from './ids.ts';
import { issueCertificate } from './issued-certificate.ts';
import { armError, ok } from './responses.ts';
import { get, patch, put, type PathParameters, type VaultRequest, type VaultRoute } from './request.ts';
import { VAULT_TYPE } from './vault.ts';

const EXTENDED_INFO = 'vaultExtendedInfo';

const HOUR_MS = 3_600_000;

/** A request hands over a certificate, or lets the vault issue one. */
const certificateInput = z.union([
  z.object({ properties: z.object({ authType: z.string().nullish(), certificate: z.base64() }) }),
  z.object({
    certificateCreateOptions: z.object({ validityInHours: z.number().int().min(1).max(120) }),
  }),
]);

/** Reads a certificate: DER, or the text form of it. */
export function readCertificate(base64: string): X509Certificate | undefined {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64'));
  } catch {
    return undefined;
  }
}

export const thumbprintOf = ({ fingerprint }: X509Certificate): string => fingerprint.replaceAll(':', '');

const badInput = (message: string): SimulatorResponse => armError(400, 'InvalidRequestContent', message);

/**
 * The certificate of a request. Azure issues a key store with the private key; here the store is the
 * bare certificate, because nobody signs with the key.
 */
function certificateOf(
  input: z.infer<typeof certificateInput>,
  name: string,
  now: number,
): X509Certificate | undefined {
  if ('properties' in input) return readCertificate(input.properties.certificate);
  const validTo = now + input.certificateCreateOptions.validityInHours * HOUR_MS;
  return new X509Certificate(issueCertificate(name.replace(/^CN=/, ''), now, validTo));
}

function writeCertificate(
  { vault, store, engine, exchange, now }: VaultRequest,
  { certificate: name = '' }: PathParameters,
): SimulatorResponse {
  const read = certificateInput.safeParse(exchange.json());
  if (!read.success) return badInput(z.prettifyError(read.error));
  const certificate = certificateOf(read.data, name, now);
  if (!certificate) return badInput("The value of 'properties.certificate' is not a certificate.");
  const thumbprint = thumbprintOf(certificate);
  const [validFrom, validTo] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  engine.transaction(() =>
    store.putConfiguration(vault.key, 'certificate', {
      name,
      thumbprint,
      validFrom,
      validTo,
      uploadedAt: now,
    }),
  );
  const tenant = guidOf('tenant', vault.key);
  return ok({
    id: `${vault.armId}/certificates/${name}`,
    name,
    type: `${VAULT_TYPE}/certificates`,
    properties: {
      authType: 'AzureActiveDirectory',
      certificate: certificate.raw.toString('base64'),
      friendlyName: name,
      issuer: certificate.issuer,
      subject: certificate.subject,
      thumbprint,
      resourceId: Number.parseInt(vault.fabricGuid('').slice(0, 8), 16),
      validFrom: new Date(validFrom).toISOString(),
      validTo: new Date(validTo).toISOString(),
      aadAuthority: 'https://login.windows.net',
      aadTenantId: tenant,
      servicePrincipalClientId: guidOf('application', vault.key),
      servicePrincipalObjectId: guidOf('object', vault.key),
      azureManagementEndpointAudience: 'https://management.azure.com/',
      aadAudience: `https://recoveryservices/${vault.name}`,
    },
  });
}

const extendedInfoBody = ({ vault, store }: VaultRequest): SimulatorResponse => {
  const found = store.findConfiguration(vault.key, 'extendedInfo', EXTENDED_INFO);
  return found
    ? ok({
        id: `${vault.armId}/extendedInformation/${EXTENDED_INFO}`,
        name: EXTENDED_INFO,
        type: `${VAULT_TYPE}/extendedInformation`,
        etag: guidOf(vault.key, found.integrityKey),
        properties: { integrityKey: found.integrityKey, algorithm: found.algorithm },
      })
    : armError(404, 'ResourceExtendedInfoNotFound', 'The vault has no extended information yet.');
};

const extendedInfoInput = z.object({
  properties: z.object({ integrityKey: z.string().min(1), algorithm: z.string().default('None') }),
});

function writeExtendedInfo(request: VaultRequest): SimulatorResponse {
  const { vault, store, engine, exchange } = request;
  const read = extendedInfoInput.safeParse(exchange.json());
  if (!read.success) return badInput(z.prettifyError(read.error));
  engine.transaction(() =>
    store.putConfiguration(vault.key, 'extendedInfo', { name: EXTENDED_INFO, ...read.data.properties }),
  );
  return extendedInfoBody(request);
}

export const credentialRoutes: VaultRoute[] = [
  put('certificates/{certificate}', writeCertificate),
  get(`extendedInformation/${EXTENDED_INFO}`, extendedInfoBody),
  put(`extendedInformation/${EXTENDED_INFO}`, writeExtendedInfo),
  patch(`extendedInformation/${EXTENDED_INFO}`, writeExtendedInfo),
];
