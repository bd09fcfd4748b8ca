// The readiness checks of a Hyper-V site. Checks on the hosts that Azure does not show are manual.
// Pure.
import type { SiteFacts } from '../../../azure/facts.ts';
import { vaultKeyOf } from '../../../core/ids.ts';
import { cloudOf, firewallText } from '../../enabling/clouds.ts';
import { formatList } from '../../enabling/notes.ts';
import { checkOsSupport } from '../../enabling/osSupport.ts';
import type { ReadinessCheck } from '../../enabling/preview.ts';
import type { VaultParts } from './parts.ts';
import type { SiteScope } from './scope.ts';

const registrationStepsOf = (vaultId: string): string =>
  `Make a registration key of the site: POST /api/v1/vaults/${vaultKeyOf(vaultId)}/registration-keys. Its ` +
  'answer lists the steps on each host, for the provider and the agent. The key is valid for five days.';

/** The checks of the whole request. */
export const checksOfSite = (scope: SiteScope, parts: VaultParts): readonly ReadinessCheck[] => [
  checkVaultRegion(scope),
  checkHosts(scope),
  checkPolicy(parts),
  checkVersions(scope.site),
  ...manualChecks(scope),
];

function checkVaultRegion({ vault, target }: SiteScope): ReadinessCheck {
  const check = { id: 'VAULT-1', name: 'Region of the vault' };
  return vault?.region === target.region
    ? {
        ...check,
        verdict: 'pass',
        message: `The vault ${vault.name} is in the target region ${target.region}.`,
        remedy: null,
      }
    : {
        ...check,
        verdict: 'fail',
        message: `No vault in ${target.region} was named; machines of a site replicate to the region of the vault.`,
        remedy: `Name a vault in ${target.region}.`,
      };
}

function checkHosts({ site, request }: SiteScope): ReadinessCheck {
  const check = { id: 'H2A-6', name: 'Registered hosts' };
  const silent = site?.hosts.filter(({ connected }) => !connected) ?? [];
  if (!site || site.hosts.length === 0)
    return {
      ...check,
      verdict: 'fail',
      message: 'No host has registered in the site.',
      remedy: registrationStepsOf(request.vault.id),
    };
  return silent.length === 0
    ? {
        ...check,
        verdict: 'pass',
        message: `Connected: ${formatList(site.hosts.map(({ name }) => name))}.`,
        remedy: null,
      }
    : {
        ...check,
        verdict: 'fail',
        message: `Not connected: ${formatList(silent.map(({ name }) => name))}.`,
        remedy: 'Start the host and its Site Recovery services, and check its way to the internet.',
      };
}

function checkPolicy({ policy, mapping }: VaultParts): ReadinessCheck {
  const made = policy.action === 'create' || mapping?.action !== 'reuse';
  return {
    id: 'H2A-6',
    name: 'Policy of the site',
    verdict: 'pass',
    message: made
      ? `The policy ${policy.name} will be made or associated with the site.`
      : `The policy ${policy.name} is associated with the site.`,
    remedy: null,
  };
}

function checkVersions(site: SiteFacts | undefined): ReadinessCheck {
  const check = { id: 'H2A-7', name: 'Provider and agent of one version' };
  const versions = new Set(
    (site?.hosts ?? []).map(
      ({ providerVersion, agentVersion }) => `${providerVersion ?? '?'} / ${agentVersion ?? '?'}`,
    ),
  );
  return versions.size <= 1
    ? { ...check, verdict: 'pass', message: 'All hosts show the same versions.', remedy: null }
    : {
        ...check,
        verdict: 'warn',
        message: `The hosts show several versions: ${formatList([...versions])}.`,
        remedy: 'Install the same version of provider and agent on every host.',
      };
}

const manual = (id: string, name: string, message: string, remedy: string): ReadinessCheck => ({
  id,
  name,
  verdict: 'manual',
  message,
  remedy,
});

const manualChecks = ({ target }: SiteScope): readonly ReadinessCheck[] => [
  manual(
    'H2A-7',
    'Version of Hyper-V',
    'Azure does not show the version and the updates of the hosts.',
    'Each host needs Windows Server 2012 R2 or later with Hyper-V and all updates.',
  ),
  manual(
    'H2A-7',
    'Management by VMM',
    'Azure does not show whether System Center VMM manages a host.',
    'Check each host. A host that VMM manages belongs to a cloud of VMM, not to a site.',
  ),
  manual(
    'PRE-9',
    'Firewalls and proxies',
    'Lifeboat cannot see a firewall or proxy in the way of the hosts.',
    `Allow the hosts the following. ${firewallText(cloudOf(target.region), {
      source: target.region,
      target: target.region,
    })}`,
  ),
  manual(
    'PRE-10',
    'Connections from on premises',
    'Whether networks on premises reach the target network (VPN, ExpressRoute, DNS) is not seen.',
    `Check every connection that users of the machines need to the target network in ${target.region}.`,
  ),
];

/** The checks of one machine. */
export const checksOfMachine = (scope: SiteScope, os: string | null): readonly ReadinessCheck[] => [
  ...checkOsSupport(os, scope.lookup.facts.readAt),
  manual(
    'PRE-10',
    'Version of the operating system',
    'Site Recovery does not show the version of the operating system in the machine.',
    'Compare it with the versions that Azure supports.',
  ),
];
