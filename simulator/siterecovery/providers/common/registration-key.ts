// Reads a registration key of a vault: the certificate and the integrity key in it must be known there.

import type { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';

import type { OnPremises } from '../../on-premises.ts';
import type { SiteRecoveryStore } from '../../store.ts';
import { readCertificate, thumbprintOf } from '../../vault-credentials.ts';
import type { Vault, Vaults } from '../../vault.ts';

/** A registration key is valid for five days. */
const KEY_VALIDITY_MS = 5 * 24 * 3_600_000;

export interface RegistrationServices {
  readonly store: SiteRecoveryStore;
  readonly vaults: Vaults;
  readonly onPremises: OnPremises;
}

/** Returns the text of an element of the key's XML. */
export const elementOf = (key: string, name: string): string =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(key)?.[1]?.trim() ?? '';

/** Node reads the certificate out of a key store, but its types do not say so. */
function certificateOfStore(store: Buffer): X509Certificate | undefined {
  try {
    const { context } = createSecureContext({ pfx: store }) as unknown as {
      readonly context: { getCertificate(): Buffer };
    };
    return readCertificate(context.getCertificate().toString('base64'));
  } catch {
    return undefined;
  }
}

/** Returns why the key opens no way into this vault now. */
function keyProblem(
  key: string,
  vault: Vault,
  { store }: RegistrationServices,
  now: number,
): string | undefined {
  const info = store.listConfiguration(vault.key, 'extendedInfo')[0];
  if (!info || elementOf(key, 'ChannelIntegrityKey') !== info.integrityKey)
    return 'The integrity key in the registration key is not that of the vault.';
  const text = elementOf(key, 'ManagementCert');
  const certificate = readCertificate(text) ?? certificateOfStore(Buffer.from(text, 'base64'));
  const uploaded =
    certificate &&
    store
      .listConfiguration(vault.key, 'certificate')
      .find(({ thumbprint }) => thumbprint === thumbprintOf(certificate));
  if (!uploaded) return 'The certificate in the registration key is not known in the vault.';
  const endsAt = Math.min(uploaded.validTo, uploaded.uploadedAt + KEY_VALIDITY_MS);
  return now < endsAt
    ? undefined
    : `The registration key was valid until ${new Date(endsAt).toISOString()}. Download a new one.`;
}

/** Returns the vault that the key opens now. */
export function openVault(
  key: string,
  services: RegistrationServices,
  now: number,
): { readonly vault: Vault } | { readonly problem: string } {
  const vault = services.vaults.find(
    `/subscriptions/${elementOf(key, 'SubscriptionId')}/resourceGroups/${elementOf(key, 'ResourceGroup')}` +
      `/providers/Microsoft.RecoveryServices/vaults/${elementOf(key, 'ResourceName')}`,
  );
  if (!vault) return { problem: 'The vault of the registration key does not exist.' };
  const problem = keyProblem(key, vault, services, now);
  return problem === undefined ? { vault } : { problem };
}
