// Proposes security rules that allow the blocked connections, in the form that Azure accepts. Pure.
import {
  findBlockedConnections,
  memberConnections,
  outboundConnections,
  type ConnectionFinding,
} from './connectivity.ts';
import type { SecurityGroupFacts, SourceVm } from '../../../../azure/facts.ts';
import type { RequestScope } from '../request/requestScope.ts';
import type { RuleToAdd, SecurityGroupFix } from '../../../enabling/support.ts';
import { sortBy } from '../../../enabling/lookup.ts';
import type { SecurityRule } from '../../../../azure/facts.ts';

const MIN_PRIORITY = 100;
const MAX_PRIORITY = 4096;

interface NeededRule {
  readonly name: string;
  readonly direction: SecurityRule['direction'];
  readonly source: string;
  readonly destination: string;
  readonly port: number;
  readonly blockingPriority: number;
}

function neededRuleOf({ required, blockingPriority: rulePriority }: ConnectionFinding): NeededRule {
  const { direction, port } = required.connection;
  const blockingPriority = rulePriority ?? MAX_PRIORITY + 1;
  const tag = required.endpoint?.serviceTag;
  return tag === undefined
    ? {
        name: `SiteRecovery-MultiVm-${direction}`,
        direction,
        port,
        blockingPriority,
        source: 'VirtualNetwork',
        destination: 'VirtualNetwork',
      }
    : {
        name: `SiteRecovery-${tag}-Outbound`,
        direction,
        port,
        blockingPriority,
        source: '*',
        destination: tag,
      };
}

/** Allows each blocked connection of a group once, before the first rule that blocks it. */
function fixSecurityGroup(
  group: SecurityGroupFacts,
  findings: readonly ConnectionFinding[],
): SecurityGroupFix {
  const neededRules = new Map<string, NeededRule>();
  for (const needed of findings.map(neededRuleOf)) {
    const earlier = neededRules.get(needed.name);
    if (!earlier || needed.blockingPriority < earlier.blockingPriority) neededRules.set(needed.name, needed);
  }
  const takenPriorities = { Inbound: new Set<number>(), Outbound: new Set<number>() };
  for (const rule of group.rules) takenPriorities[rule.direction].add(rule.priority);
  const securityRules: RuleToAdd[] = [];
  const impossible: string[] = [];
  // The rule with the strictest limit chooses its priority first.
  for (const { name, direction, source, destination, port, blockingPriority } of [
    ...neededRules.values(),
  ].sort(
    (first, second) =>
      first.blockingPriority - second.blockingPriority || (first.name < second.name ? -1 : 1),
  )) {
    const priority = freePriority(takenPriorities[direction], Math.min(blockingPriority, MAX_PRIORITY + 1));
    if (priority === undefined) {
      impossible.push(
        `No ${direction.toLowerCase()} priority below ${blockingPriority} is free in ${group.name} for the ` +
          `rule ${name}. Give the rule at ${blockingPriority} a higher number, then repeat the request.`,
      );
      continue;
    }
    takenPriorities[direction].add(priority);
    const isNameTaken = group.rules.some((rule) => rule.name.toLowerCase() === name.toLowerCase());
    securityRules.push({
      name: isNameTaken ? `${name}-${priority}` : name,
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

function freePriority(takenPriorities: ReadonlySet<number>, blockingPriority: number): number | undefined {
  for (let priority = blockingPriority - 1; priority >= MIN_PRIORITY; priority -= 1)
    if (!takenPriorities.has(priority)) return priority;
  return undefined;
}

/**
 * The rule fixes for all these VMs: one entry for each security group with a blocked connection.
 */
export function findRuleFixes(
  scope: Pick<RequestScope, 'lookup' | 'source' | 'target' | 'computeOnce'>,
  vms: readonly SourceVm[],
  isMultiVmGroup: boolean,
): readonly SecurityGroupFix[] {
  const findings = vms.flatMap((vm) =>
    findBlockedConnections(scope, [
      ...outboundConnections(scope, vm),
      ...(isMultiVmGroup ? memberConnections(scope, vm, vms) : []),
    ]),
  );
  const groups = Map.groupBy(findings, ({ group }) => group);
  return sortBy([...groups], ([group]) => group.id).map(([group, groupFindings]) =>
    fixSecurityGroup(group, groupFindings),
  );
}
