// Writes the file of a registration key in the form that the setup of a server reads. Pure.

/** A site that a key opens. */
export interface KeySite {
  readonly name: string;
  /** The internal id, which the setup of a server needs. */
  readonly id: string;
}
/** The certificate of a key, with the way to sign in with it. */
export interface KeyCertificate {
  readonly certificate: string;
  readonly resourceId: string;
  readonly aadAuthority: string;
  readonly aadTenantId: string;
  readonly servicePrincipalClientId: string;
  readonly azureManagementEndpointAudience: string;
  readonly aadAudience?: string | null | undefined;
}
/** The place of the vault in Azure. */
export interface KeyVault {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly vault: string;
  readonly location: string;
}

const NAMESPACE =
  'http://schemas.datacontract.org/2004/07/Microsoft.Azure.Portal.RecoveryServices.Models.Common';
/** Version 2 of the file signs in with Entra ID. */
const FILE_VERSION = '2.0';

type Content = string | readonly (readonly [name: string, content: Content])[];

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escapeText = (text: string): string => text.replace(/[&<>]/g, (character) => ENTITIES[character] ?? '');

const xmlOf = (content: Content): string =>
  typeof content === 'string'
    ? escapeText(content)
    : content.map(([name, inner]) => `<${name}>${xmlOf(inner)}</${name}>`).join('');

/** Returns the content of the file. The setup reads the elements in this order. */
export function registrationFile(
  { subscription, resourceGroup, vault, location }: KeyVault,
  site: KeySite | null,
  certificate: KeyCertificate,
  integrityKey: string,
): string {
  const audience =
    certificate.aadAudience ?? `https://RecoveryServiceVault/${location}/${vault}/${certificate.resourceId}`;
  const content: Content = [
    [
      'VaultDetails',
      [
        ['SubscriptionId', subscription],
        ['ResourceGroup', resourceGroup],
        ['ResourceName', vault],
        ['ResourceId', certificate.resourceId],
        ['Location', location],
        ['ResourceType', 'Vaults'],
        ['ProviderNamespace', 'Microsoft.RecoveryServices'],
      ],
    ],
    ['ManagementCert', certificate.certificate],
    ['Version', FILE_VERSION],
    [
      'AadDetails',
      [
        ['AadAuthority', certificate.aadAuthority],
        ['AadTenantId', certificate.aadTenantId],
        ['ServicePrincipalClientId', certificate.servicePrincipalClientId],
        ['AadVaultAudience', audience],
        ['ArmManagementEndpoint', certificate.azureManagementEndpointAudience],
      ],
    ],
    ['ChannelIntegrityKey', integrityKey],
    ['SiteId', site?.id ?? ''],
    ['SiteName', site?.name ?? ''],
  ];
  return (
    '<?xml version="1.0" encoding="utf-8"?>' +
    `<RSVaultAsrCreds xmlns="${NAMESPACE}" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">` +
    `${xmlOf(content)}</RSVaultAsrCreds>`
  );
}
