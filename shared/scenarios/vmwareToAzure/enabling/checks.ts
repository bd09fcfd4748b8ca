// The readiness checks of a VMware site. Checks on premises that Azure does not show are manual.
// Pure.
import type { SiteFacts, SiteMachine } from '../../../azure/facts.ts';
import { cloudOf, firewallText } from '../../enabling/clouds.ts';
import { formatList } from '../../enabling/notes.ts';
import { checkOsSupport } from '../../enabling/osSupport.ts';
import type { ReadinessCheck } from '../../enabling/preview.ts';
import { mappedFailbackPolicy, type VaultParts } from './parts.ts';
import type { VmwareScope } from './scope.ts';

type Check = ReadinessCheck;
const check = (
  id: string,
  name: string,
  verdict: Check['verdict'],
  message: string,
  remedy: string | null = null,
): Check => ({ id, name, verdict, message, remedy });

/** The checks of the whole request. */
export const checksOfSite = (scope: VmwareScope, parts: VaultParts): readonly Check[] => [
  checkVaultRegion(scope),
  checkRegistration(scope),
  checkPolicy(parts),
  ...checkStack(scope),
  checkServer(scope),
  checkAccount(scope),
  ...checkVCenters(scope.site),
  checkFailbackPolicy(scope, parts),
  checkWriter(scope),
  ...manualChecks(scope),
];

const checkVaultRegion = ({ vault, target }: VmwareScope): Check =>
  vault?.region === target.region
    ? check(
        'VAULT-1',
        'Region of the vault',
        'pass',
        `The vault ${vault.name} is in the target region ${target.region}.`,
      )
    : check(
        'VAULT-1',
        'Region of the vault',
        'fail',
        `No vault in ${target.region} was named; VMware VMs replicate to the region of the vault.`,
        `Name a vault in ${target.region}.`,
      );

const checkRegistration = ({ site }: VmwareScope): Check =>
  site && site.hosts.length > 0
    ? check('V2A-5', 'Registration', 'pass', `Registered: ${formatList(site.hosts.map(({ name }) => name))}.`)
    : check(
        'V2A-5',
        'Registration',
        'fail',
        'No appliance and no configuration server is registered in the site.',
        'Set a replication appliance up on premises, and register it with the key of the vault.',
      );

const checkPolicy = ({ policy, mapping }: VaultParts): Check =>
  check(
    'V2A-5',
    'Policy of the site',
    'pass',
    policy.action === 'create' || mapping?.action !== 'reuse'
      ? `The policy ${policy.name} will be made or mapped to the site.`
      : `The policy ${policy.name} is mapped to the site.`,
  );

const checkStack = ({ site }: VmwareScope): readonly Check[] =>
  site?.isRetiring
    ? [
        check(
          'V2A-1',
          'Configuration server',
          'warn',
          'Microsoft is retiring replication through a configuration server.',
          'Set up a replication appliance, and move the VMs to it.',
        ),
      ]
    : [];

function checkServer({ site, server }: VmwareScope): Check {
  const name = 'Server of the replication';
  if (!server)
    return check('V2A-7', name, 'warn', 'The request names no registered server.', 'Name one of the site.');
  const others = (site?.hosts ?? []).filter(
    ({ connected, name: other }) => connected && other !== server.name,
  );
  return server.connected
    ? check('V2A-6', name, 'pass', `${server.name} is in contact, with health ${server.health ?? ''}.`)
    : check(
        'V2A-6',
        name,
        'fail',
        `${server.name} has no contact with Site Recovery; its last heartbeat was at ` +
          `${server.lastHeartbeat ?? 'an unknown time'}.`,
        `Start it and check its way to Azure, or name another: ${formatList(others.map((other) => other.name))}.`,
      );
}

const checkAccount = ({ request, account }: VmwareScope): Check =>
  account
    ? check(
        'V2A-6',
        'Account that installs the agent',
        'manual',
        `Azure shows the account ${account.name}, but not its rights in the machines.`,
        'It needs to be an administrator of each Windows machine, and root on each Linux machine.',
      )
    : check(
        'V2A-6',
        'Account that installs the agent',
        'manual',
        request.source.account === undefined
          ? 'The request names no account, so the agent must be in each machine already.'
          : 'The named account is not known.',
        'Install the Mobility service in each machine first, or name an account.',
      );

/** The oldest vCenter and ESXi that Site Recovery supports. */
const OLDEST = [6, 5] as const;

/** True for a version that Site Recovery supports. */
function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

const versionCheck = (what: string, version: string | null | undefined): Check =>
  version
    ? isSupported(version)
      ? check('V2A-6', `Version of ${what}`, 'pass', `${what} has the version ${version}.`)
      : check(
          'V2A-6',
          `Version of ${what}`,
          'fail',
          `${what} has the version ${version}, which Site Recovery does not support.`,
          `Update it to ${OLDEST.join('.')} or later.`,
        )
    : check(
        'V2A-6',
        `Version of ${what}`,
        'manual',
        `Azure does not show the version of ${what}.`,
        `It must be ${OLDEST.join('.')} or later.`,
      );

const checkVCenters = (site: SiteFacts | undefined): readonly Check[] =>
  (site?.vCenters ?? []).length > 0
    ? (site?.vCenters ?? []).map(({ name, version }) => versionCheck(`the vCenter ${name}`, version))
    : [
        check(
          'V2A-1',
          'vCenter',
          'fail',
          'The site has no vCenter, so Site Recovery discovers no machines.',
          'Add the vCenter in the appliance, or to the configuration server.',
        ),
      ];

const checkFailbackPolicy = (scope: VmwareScope, { mapping, wayHome }: VaultParts): Check => {
  const name = 'Failback policy';
  if (mappedFailbackPolicy(scope))
    return check('V2A-8', name, 'pass', 'A failback policy is mapped to the container of the site.');
  return mapping?.action === 'create' || wayHome.length > 0
    ? check('V2A-8', name, 'pass', 'The failback policy and its mapping will be made.')
    : check('V2A-8', name, 'warn', 'No failback policy is mapped to the container of the site.');
};

function checkWriter({ site }: VmwareScope): Check {
  const name = 'Server that writes the disks at a failback';
  const writers = (site?.hosts ?? []).filter(
    ({ connected, datastores = [] }) => connected && datastores.length > 0,
  );
  return writers.length > 0
    ? check('V2A-8', name, 'pass', `In contact: ${formatList(writers.map((writer) => writer.name))}.`)
    : check(
        'V2A-8',
        name,
        'warn',
        'No appliance and no master target server in contact can write to a datastore.',
        'Before a reprotect home, start one and give it access to a datastore.',
      );
}

const manualChecks = ({ target }: VmwareScope): readonly Check[] => [
  check(
    'V2A-6',
    'Account for the discovery',
    'manual',
    'Azure does not show the rights of the account that reads the vCenter.',
    'Give it the role that Site Recovery describes: read-only for the discovery, more for a failback.',
  ),
  check(
    'V2A-8',
    'Way back',
    'manual',
    'Azure does not show whether machines in Azure reach the site on premises.',
    'Before a reprotect home, connect both by VPN or ExpressRoute with private peering.',
  ),
  check(
    'PRE-9',
    'Firewalls and proxies',
    'manual',
    'Lifeboat cannot see a firewall or proxy in the way of the servers.',
    `Allow the servers the following. ${firewallText(cloudOf(target.region), {
      source: target.region,
      target: target.region,
    })}`,
  ),
  check(
    'PRE-10',
    'Connections from on premises',
    'manual',
    'Whether networks on premises reach the target network (VPN, ExpressRoute, DNS) is not seen.',
    `Check every connection that users of the machines need to the target network in ${target.region}.`,
  ),
];

/** The checks of one machine. */
export const checksOfMachine = (scope: VmwareScope, machine: SiteMachine | undefined): readonly Check[] => [
  ...checkOsSupport(machine?.os ?? null, scope.lookup.facts.readAt),
  check(
    'PRE-10',
    'Version of the operating system',
    'manual',
    'Site Recovery does not show the exact version of the operating system in the machine.',
    'Compare it with the versions that Azure supports.',
  ),
  ...(machine ? [versionCheck('its ESXi host', machine.hostVersion)] : []),
];
