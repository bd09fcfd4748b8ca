// The security rules that would open what is closed, in the form in which Azure takes them.
import { hindrances, memberWays, outwardWays, type Found } from './connectivity.ts';
import type { SecurityGroupFacts, SourceVm } from '../../../azure/facts.ts';
import type { Ground } from '../request/scope.ts';
import { sorted } from '../lookup.ts';
import type { SecurityRule } from '../../../azure/facts.ts';

export interface RuleToAdd {
  readonly name: string;
  readonly properties: {
    readonly description: string;
    readonly priority: number;
    readonly direction: SecurityRule['direction'];
    readonly access: 'Allow';
    readonly protocol: 'Tcp';
    readonly sourceAddressPrefix: string;
    readonly sourcePortRange: '*';
    readonly destinationAddressPrefix: string;
    readonly destinationPortRange: string;
  };
}

export interface Mending {
  readonly securityGroupId: string;
  readonly securityGroupName: string;
  readonly securityRules: readonly RuleToAdd[];
  /** What no rule can mend, and why. */
  readonly impossible: readonly string[];
}

const LOWEST = 100;
const HIGHEST = 4096;

interface Opening {
  readonly name: string;
  readonly direction: SecurityRule['direction'];
  readonly source: string;
  readonly destination: string;
  readonly port: number;
  readonly before: number;
}

function openingOf({ way, before: first }: Found): Opening {
  const { direction, port } = way.connection;
  const before = first ?? HIGHEST + 1;
  const tag = way.endpoint?.serviceTag;
  return tag === undefined
    ? {
        name: `SiteRecovery-MultiVm-${direction}`,
        direction,
        port,
        before,
        source: 'VirtualNetwork',
        destination: 'VirtualNetwork',
      }
    : { name: `SiteRecovery-${tag}-Outbound`, direction, port, before, source: '*', destination: tag };
}

/** Every thing that is closed in a group is opened once, before the first rule that closes it. */
function mendGroup(group: SecurityGroupFacts, found: readonly Found[]): Mending {
  const openings = new Map<string, Opening>();
  for (const one of found.map(openingOf)) {
    const known = openings.get(one.name);
    if (!known || one.before < known.before) openings.set(one.name, one);
  }
  const taken = { Inbound: new Set<number>(), Outbound: new Set<number>() };
  for (const rule of group.rules) taken[rule.direction].add(rule.priority);
  const securityRules: RuleToAdd[] = [];
  const impossible: string[] = [];
  // Whoever must come first chooses first.
  for (const { name, direction, source, destination, port, before } of [...openings.values()].sort(
    (a, b) => a.before - b.before || (a.name < b.name ? -1 : 1),
  )) {
    const priority = freePriority(taken[direction], Math.min(before, HIGHEST + 1));
    if (priority === undefined) {
      impossible.push(
        `No ${direction.toLowerCase()} priority below ${before} is free in ${group.name} for the ` +
          `rule ${name}. Give the rule at ${before} a higher number, then ask again.`,
      );
      continue;
    }
    taken[direction].add(priority);
    const ofRule = group.rules.some((rule) => rule.name.toLowerCase() === name.toLowerCase());
    securityRules.push({
      name: ofRule ? `${name}-${priority}` : name,
      properties: {
        description: 'Lets Azure Site Recovery replicate the VMs of this group.',
        priority,
        direction,
        access: 'Allow',
        protocol: 'Tcp',
        sourceAddressPrefix: source,
        sourcePortRange: '*',
        destinationAddressPrefix: destination,
        destinationPortRange: String(port),
      },
    });
  }
  return { securityGroupId: group.id, securityGroupName: group.name, securityRules, impossible };
}

function freePriority(taken: ReadonlySet<number>, before: number): number | undefined {
  for (let priority = before - 1; priority >= LOWEST; priority -= 1)
    if (!taken.has(priority)) return priority;
  return undefined;
}

/** For these VMs together, one entry per security group in which something is closed. */
export function mendingRules(
  ground: Pick<Ground, 'look' | 'source' | 'target' | 'once'>,
  vms: readonly SourceVm[],
  asGroup: boolean,
): readonly Mending[] {
  const found = vms.flatMap((vm) =>
    hindrances(ground, [...outwardWays(ground, vm), ...(asGroup ? memberWays(ground, vm, vms) : [])]),
  );
  const groups = Map.groupBy(found, ({ group }) => group);
  return sorted([...groups], ([group]) => group.id).map(([group, own]) => mendGroup(group, own));
}
