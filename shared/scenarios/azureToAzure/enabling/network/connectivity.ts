// Checks whether the security groups of a VM allow the connections that replication needs. The
// connections go to Azure services, and between the members of a multi-VM group. Pure.
import { sameId } from '../../../../siterecovery/item.ts';
import { cloudOf, ENDPOINTS, serviceTagsOf, type Endpoint } from '../../../enabling/clouds.ts';
import type { SecurityGroupFacts, SourceNic, SourceVm } from '../../../../azure/facts.ts';
import type { RequestScope } from '../request/requestScope.ts';
import { keyOf, sortBy } from '../../../enabling/lookup.ts';
import { primaryNic } from './chooseNetwork.ts';
import type { ReadinessCheck } from '../../../enabling/preview.ts';
import { evaluateSecurityGroup, type Connection, type ConnectionVerdict } from './securityRules.ts';

/** Rules use this tag for every address of a virtual network. */
const VIRTUAL_NETWORK_TAG = 'VirtualNetwork';
/** The port between the members of a multi-VM group. */
export const MULTI_VM_PORT = 20_004;
const HTTPS_PORT = 443;

type NetworkScope = Pick<RequestScope, 'lookup' | 'source' | 'target' | 'computeOnce'>;

/** Interfaces with the same subnet and the same security group have the same rules. */
const networkKeyOf = ({ networkId, subnet, securityGroupId }: SourceNic): string =>
  keyOf(`${networkId} ${subnet} ${securityGroupId ?? ''}`);

const subnetOf = ({ lookup }: NetworkScope, nic: SourceNic) =>
  lookup.networks.get(keyOf(nic.networkId))?.subnets.find(({ name }) => sameId(name, nic.subnet));

/** The security groups of the interface and of its subnet. Both must allow a connection. */
export function securityGroupsOf(scope: NetworkScope, nic: SourceNic): readonly SecurityGroupFacts[] {
  const ids = new Set(
    [nic.securityGroupId, subnetOf(scope, nic)?.securityGroupId ?? null].flatMap((id) =>
      id === null ? [] : [keyOf(id)],
    ),
  );
  return [...ids].sort().flatMap((id) => scope.lookup.securityGroups.get(id) ?? []);
}

const connectionEndOf = (scope: NetworkScope, nic: SourceNic) => ({
  tags: [VIRTUAL_NETWORK_TAG],
  prefixes: subnetOf(scope, nic)?.addressPrefixes ?? [],
});

/** One connection that replication needs. */
export interface RequiredConnection {
  readonly label: string;
  readonly connection: Connection;
  readonly nic: SourceNic;
  readonly endpoint: Endpoint | null;
}

/** The outbound connections of a VM to the Azure services. */
export function outboundConnections(scope: NetworkScope, vm: SourceVm): readonly RequiredConnection[] {
  const nic = primaryNic(vm);
  if (!nic) return [];
  const source = connectionEndOf(scope, nic);
  const regions = { source: scope.source.region, target: scope.target.region };
  return ENDPOINTS[cloudOf(scope.source.region)].map((endpoint) => ({
    label: `${endpoint.serviceTag} (${endpoint.url})`,
    nic,
    endpoint,
    connection: {
      direction: 'Outbound',
      port: HTTPS_PORT,
      source,
      destination: { tags: [...serviceTagsOf(endpoint, regions), 'Internet', 'AzureCloud'], prefixes: [] },
    },
  }));
}

/**
 * The connections of one member in both directions. The members belong to the one group of the
 * request.
 */
export function memberConnections(
  scope: NetworkScope,
  vm: SourceVm,
  members: readonly SourceVm[],
): readonly RequiredConnection[] {
  const nic = primaryNic(vm);
  if (!nic) return [];
  const ownEnd = connectionEndOf(scope, nic);
  const bySubnet = scope.computeOnce('members by subnet', () => membersBySubnet(members));
  return bySubnet
    .filter((subnetMembers) => subnetMembers.some(({ vmId }) => !sameId(vmId, vm.id)))
    .flatMap(([peer]) => {
      if (!peer) return [];
      const peerEnd = connectionEndOf(scope, peer.nic);
      const requiredConnection = (
        direction: Connection['direction'],
        source: typeof ownEnd,
        destination: typeof ownEnd,
      ): RequiredConnection => ({
        label: `${direction === 'Outbound' ? 'to' : 'from'} the members in the subnet ${peer.nic.subnet}`,
        nic,
        endpoint: null,
        connection: { direction, port: MULTI_VM_PORT, source, destination },
      });
      return [
        requiredConnection('Outbound', ownEnd, peerEnd),
        requiredConnection('Inbound', peerEnd, ownEnd),
      ];
    });
}

/** Two members for each subnet are enough: at least one of them is another VM. */
function membersBySubnet(members: readonly SourceVm[]) {
  const nics = members.flatMap((vm) =>
    [primaryNic(vm)].flatMap((nic) => (nic ? [{ vmId: vm.id, nic }] : [])),
  );
  const subnets = Map.groupBy(
    sortBy(nics, ({ vmId }) => vmId),
    ({ nic }) => keyOf(`${nic.networkId} ${nic.subnet}`),
  );
  return sortBy([...subnets], ([subnetKey]) => subnetKey).map(([, subnetMembers]) =>
    subnetMembers.slice(0, 2),
  );
}

/** A required connection with the verdict of one security group. */
export interface ConnectionFinding extends ConnectionVerdict {
  readonly required: RequiredConnection;
}

/** The connections that a security group blocks or may block. */
export const findBlockedConnections = (
  scope: NetworkScope,
  connections: readonly RequiredConnection[],
): readonly ConnectionFinding[] =>
  connections
    .flatMap((required) =>
      securityGroupsOf(scope, required.nic).map((group) => ({
        ...evaluateSecurityGroup(group, required.connection),
        required,
      })),
    )
    .filter(({ verdict }) => verdict !== 'allowed');

function describeFinding({ verdict, required, rule, group }: ConnectionFinding): string {
  if (rule === null) return `${required.label}: no rule of ${group.name} allows it`;
  const blocks = verdict === 'blocked' ? 'blocks it' : 'may block it';
  return `${required.label}: the rule "${rule.name}" (${rule.priority}) of ${group.name} ${blocks}`;
}

function connectivityCheck(
  id: string,
  name: string,
  findings: readonly ConnectionFinding[],
  passMessage: string,
  failMessage: string,
  remedy: string,
): ReadinessCheck {
  const blocked = findings.some(({ verdict }) => verdict === 'blocked');
  if (findings.length === 0) return { id, name, verdict: 'pass', message: passMessage, remedy: null };
  return {
    id,
    name,
    verdict: blocked ? 'fail' : 'warn',
    message: `${failMessage} ${findings.map(describeFinding).join('; ')}.`,
    remedy,
  };
}

/** The check of the outbound connections of a VM. */
export function checkOutbound(scope: NetworkScope, vm: SourceVm): ReadinessCheck {
  const nic = primaryNic(vm);
  const id = 'PRE-4';
  const name = 'Outbound connectivity';
  if (!nic)
    return {
      id,
      name,
      verdict: 'warn',
      message: 'No network interface of the VM is visible, so Lifeboat cannot check its security rules.',
      remedy:
        'Check whether TCP 443 is open to Storage, AzureActiveDirectory, AzureSiteRecovery and EventHub.',
    };
  const findings = scope.computeOnce(`outbound ${networkKeyOf(nic)}`, () =>
    findBlockedConnections(scope, outboundConnections(scope, vm)),
  );
  return connectivityCheck(
    id,
    name,
    findings,
    'The security rules let the VM reach storage, sign-in, Site Recovery and monitoring on TCP 443.',
    'The security rules keep the VM from what replication needs on TCP 443.',
    'Apply the security rules that the readiness report gives for these groups (PRE-5): each ' +
      'allows one service tag, before the rule that blocks.',
  );
}

/** The check of the port between the members of a multi-VM group. */
export function checkMemberPort(
  scope: NetworkScope,
  vm: SourceVm,
  members: readonly SourceVm[],
): ReadinessCheck {
  const linux =
    vm.osType === 'Linux'
      ? ` On Linux the guest's own firewall must be opened for TCP ${MULTI_VM_PORT} too, by hand.`
      : '';
  const findings = findBlockedConnections(scope, memberConnections(scope, vm, members));
  const check = connectivityCheck(
    'PRE-7',
    'Port of the multi-VM group',
    findings,
    `The security rules leave TCP ${MULTI_VM_PORT} open between the members.`,
    `Members of a multi-VM group use TCP ${MULTI_VM_PORT}, and the security rules are in the way.`,
    `Allow TCP ${MULTI_VM_PORT} inbound and outbound between the members; the readiness ` +
      'report gives the rules.',
  );
  return {
    ...check,
    message: `${check.message}${linux}`,
    remedy: check.remedy ?? (linux === '' ? null : `Open TCP ${MULTI_VM_PORT} in the guest's firewall.`),
  };
}
