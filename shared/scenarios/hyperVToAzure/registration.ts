// The registration of Hyper-V hosts in a site of a vault.
import type { RegistrationSupport } from '../enabling/registration.ts';

export const registration: RegistrationSupport = {
  isSite: ({ properties }) => properties?.customDetails?.instanceType === 'HyperVSite',
  stepsWith: ({ fileName, validUntil, vaultId, vaultName, site }) => [
    `Save "key" as the file ${fileName}. It is a secret, and valid until ${validUntil}. Delete each copy ` +
      'after the registration.',
    `Download the Site Recovery provider from the vault ${vaultName} in the Azure portal: Site Recovery, ` +
      'Prepare infrastructure, Hyper-V. Use the same version on every host.',
    'On each Hyper-V host of the site, of a cluster on every node: run the setup. It installs the provider ' +
      'and the Recovery Services agent. Choose direct access or the proxy, name the file of the key, and ' +
      'register.',
    'On a host without desktop, unpack the setup with "AzureSiteRecoveryProvider.exe /x:. /q", and run ' +
      '"setupdr.exe /i". Then run "C:\\Program Files\\Microsoft Azure Site Recovery ' +
      `Provider\\DRConfigurator.exe" /r /Friendlyname <host> /Credentials <path>\\${fileName}`,
    `Read GET /api/v1/sources/sites?vault=${encodeURIComponent(vaultId)}&site=${encodeURIComponent(site ?? '')} ` +
      'until each host is there with "connected": true. That takes up to 15 minutes.',
  ],
};
