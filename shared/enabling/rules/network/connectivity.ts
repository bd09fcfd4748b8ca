// What the security groups around a VM let through: to Azure's services, and between the members of
// a multi-VM group.
import { sameId } from '../../../siterecovery/item.ts';
import { cloudOf, ENDPOINTS, tagsOf, type Endpoint } from './clouds.ts';
import type { SecurityGroupFacts, SourceNic, SourceVm } from '../../../azure/facts.ts';
import type { Ground } from '../request/scope.ts';
import { key, sorted } from '../lookup.ts';
import { primaryNic } from './network.ts';
import type { Check } from '../preview.ts';
import { judgeGroup, type Connection, type Judged } from './securityRules.ts';

/** What every address of a virtual network is to a rule. */
const IN_NETWORK = 'VirtualNetwork';
export const MULTI_VM_PORT = 20_004;
const HTTPS = 443;

type Place = Pick<Ground, 'look' | 'source' | 'target' | 'once'>;

/** Interfaces of one subnet and one security group meet the same rules. */
const surroundings = ({ networkId, subnet, securityGroupId }: SourceNic): string =>
  key(`${networkId} ${subnet} ${securityGroupId ?? ''}`);

const subnetOf = ({ look }: Place, nic: SourceNic) =>
  look.networks.get(key(nic.networkId))?.subnets.find(({ name }) => sameId(name, nic.subnet));

/** Those of the interface and of its subnet: both must allow. */
export function groupsAround(ground: Place, nic: SourceNic): readonly SecurityGroupFacts[] {
  const ids = new Set(
    [nic.securityGroupId, subnetOf(ground, nic)?.securityGroupId ?? null].flatMap((id) =>
      id === null ? [] : [key(id)],
    ),
  );
  return [...ids].sort().flatMap((id) => ground.look.securityGroups.get(id) ?? []);
}

const endOf = (ground: Place, nic: SourceNic) => ({
  tags: [IN_NETWORK],
  prefixes: subnetOf(ground, nic)?.addressPrefixes ?? [],
});

export interface Way {
  readonly what: string;
  readonly connection: Connection;
  readonly nic: SourceNic;
  readonly endpoint: Endpoint | null;
}

export function outwardWays(ground: Place, vm: SourceVm): readonly Way[] {
  const nic = primaryNic(vm);
  if (!nic) return [];
  const source = endOf(ground, nic);
  const regions = { source: ground.source.region, target: ground.target.region };
  return ENDPOINTS[cloudOf(ground.source.region)].map((endpoint) => ({
    what: `${endpoint.serviceTag} (${endpoint.url})`,
    nic,
    endpoint,
    connection: {
      direction: 'Outbound',
      port: HTTPS,
      source,
      destination: { tags: [...tagsOf(endpoint, regions), 'Internet', 'AzureCloud'], prefixes: [] },
    },
  }));
}

/** Both directions, seen from one member. The members are those of the one group that a wish names. */
export function memberWays(ground: Place, vm: SourceVm, members: readonly SourceVm[]): readonly Way[] {
  const nic = primaryNic(vm);
  if (!nic) return [];
  const own = endOf(ground, nic);
  const bySubnet = ground.once('members by subnet', () => membersBySubnet(members));
  return bySubnet
    .filter((there) => there.some(({ vmId }) => !sameId(vmId, vm.id)))
    .flatMap(([peer]) => {
      if (!peer) return [];
      const end = endOf(ground, peer.nic);
      const way = (direction: Connection['direction'], source: typeof own, destination: typeof own): Way => ({
        what: `${direction === 'Outbound' ? 'to' : 'from'} the members in the subnet ${peer.nic.subnet}`,
        nic,
        endpoint: null,
        connection: { direction, port: MULTI_VM_PORT, source, destination },
      });
      return [way('Outbound', own, end), way('Inbound', end, own)];
    });
}

/** Two of each subnet are enough: one of them is another VM than the one that is looked at. */
function membersBySubnet(members: readonly SourceVm[]) {
  const nics = members.flatMap((vm) =>
    [primaryNic(vm)].flatMap((nic) => (nic ? [{ vmId: vm.id, nic }] : [])),
  );
  const subnets = Map.groupBy(
    sorted(nics, ({ vmId }) => vmId),
    ({ nic }) => key(`${nic.networkId} ${nic.subnet}`),
  );
  return sorted([...subnets], ([place]) => place).map(([, there]) => there.slice(0, 2));
}

export interface Found extends Judged {
  readonly way: Way;
}

/** What is in the way, or may be. */
export const hindrances = (ground: Place, ways: readonly Way[]): readonly Found[] =>
  ways
    .flatMap((way) =>
      groupsAround(ground, way.nic).map((group) => ({ ...judgeGroup(group, way.connection), way })),
    )
    .filter(({ verdict }) => verdict !== 'allowed');

function inWords({ verdict, way, rule, group }: Found): string {
  if (rule === null) return `${way.what}: no rule of ${group.name} allows it`;
  const blocks = verdict === 'blocked' ? 'blocks it' : 'may block it';
  return `${way.what}: the rule "${rule.name}" (${rule.priority}) of ${group.name} ${blocks}`;
}

function checkOf(
  id: string,
  name: string,
  found: readonly Found[],
  good: string,
  bad: string,
  remedy: string,
): Check {
  const blocked = found.some(({ verdict }) => verdict === 'blocked');
  if (found.length === 0) return { id, name, verdict: 'pass', message: good, remedy: null };
  return {
    id,
    name,
    verdict: blocked ? 'fail' : 'warn',
    message: `${bad} ${found.map(inWords).join('; ')}.`,
    remedy,
  };
}

export function checkOutbound(ground: Place, vm: SourceVm): Check {
  const nic = primaryNic(vm);
  const id = 'PRE-4';
  const name = 'Outbound connectivity';
  if (!nic)
    return {
      id,
      name,
      verdict: 'warn',
      message: 'No network interface of the VM can be seen, so its security rules cannot be judged.',
      remedy:
        'Look whether TCP 443 is open to Storage, AzureActiveDirectory, AzureSiteRecovery and EventHub.',
    };
  const found = ground.once(`outbound ${surroundings(nic)}`, () =>
    hindrances(ground, outwardWays(ground, vm)),
  );
  return checkOf(
    id,
    name,
    found,
    'The security rules let the VM reach storage, sign-in, Site Recovery and monitoring on TCP 443.',
    'The security rules keep the VM from what replication needs on TCP 443.',
    'Apply the security rules that the readiness report gives for these groups (PRE-5): each ' +
      'allows one service tag, before the rule that blocks.',
  );
}

export function checkMembers(ground: Place, vm: SourceVm, members: readonly SourceVm[]): Check {
  const linux =
    vm.osType === 'Linux'
      ? ` On Linux the guest's own firewall must be opened for TCP ${MULTI_VM_PORT} too, by hand.`
      : '';
  const found = hindrances(ground, memberWays(ground, vm, members));
  const check = checkOf(
    'PRE-7',
    'Port of the multi-VM group',
    found,
    `The security rules leave TCP ${MULTI_VM_PORT} open between the members.`,
    `Members of a multi-VM group speak on TCP ${MULTI_VM_PORT}, and the security rules are in the way.`,
    `Allow TCP ${MULTI_VM_PORT} inbound and outbound between the members; the readiness ` +
      'report gives the rules.',
  );
  return {
    ...check,
    message: `${check.message}${linux}`,
    remedy: check.remedy ?? (linux === '' ? null : `Open TCP ${MULTI_VM_PORT} in the guest's firewall.`),
  };
}
