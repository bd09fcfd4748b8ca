// Registers a Hyper-V host in a site. On a real host the installed provider does this, with the
// registration key that somebody downloaded from the vault. Azure's API has no request for it.

import type { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';

import type { OnPremises } from '../../on-premises.ts';
import type { SiteRecoveryStore } from '../../store.ts';
import { readCertificate, thumbprintOf } from '../../vault-credentials.ts';
import { isSameName, type Vault, type Vaults } from '../../vault.ts';
import { HYPER_V_HOST, HYPER_V_SITE } from './site.ts';

/** A registration key is valid for five days. */
const KEY_VALIDITY_MS = 5 * 24 * 3_600_000;

export interface RegistrationServices {
  readonly store: SiteRecoveryStore;
  readonly vaults: Vaults;
  readonly onPremises: OnPremises;
}

export type RegistrationResult =
  | { readonly vault: string; readonly fabric: string; readonly provider: string }
  | { readonly problem: string };

/** Returns the text of an element of the key's XML. */
const elementOf = (key: string, name: string): string =>
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

const findVault = (key: string, { vaults }: RegistrationServices): Vault | undefined =>
  vaults.find(
    `/subscriptions/${elementOf(key, 'SubscriptionId')}/resourceGroups/${elementOf(key, 'ResourceGroup')}` +
      `/providers/Microsoft.RecoveryServices/vaults/${elementOf(key, 'ResourceName')}`,
  );

export function registerHost(
  name: string,
  key: string,
  services: RegistrationServices,
  now: number,
): RegistrationResult {
  const host = services.onPremises.server(name);
  if (host?.kind !== HYPER_V_HOST) return { problem: `There is no Hyper-V host '${name}'.` };
  if (services.onPremises.isDark(host.name)) return { problem: `The host '${host.name}' does not answer.` };
  const vault = findVault(key, services);
  if (!vault) return { problem: 'The vault of the registration key does not exist.' };
  const problem = keyProblem(key, vault, services, now);
  if (problem !== undefined) return { problem };
  const siteId = elementOf(key, 'SiteId');
  const fabric = vault
    .fabrics()
    .find(
      ({ name: site, settings }) =>
        settings.instanceType === HYPER_V_SITE && isSameName(vault.fabricGuid(site), siteId),
    );
  if (!fabric) return { problem: `The vault has no Hyper-V site with the id '${siteId}'.` };
  const { registered } = host;
  if (registered && (registered.vault !== vault.key || registered.fabric !== fabric.name))
    return { problem: `The host '${host.name}' is registered in '${registered.fabric}' already.` };
  services.onPremises.putServer({
    ...host,
    registered: { vault: vault.key, fabric: fabric.name, since: registered?.since ?? now },
  });
  return { vault: vault.name, fabric: fabric.name, provider: host.id };
}
