// Rules for VMs that share recovery points: the maximum number of members and the costs. Pure.
import { sameId } from '../../../../siterecovery/item.ts';
import type { ItemFacts } from '../../../../azure/facts.ts';
import type { RequestScope } from '../request/requestScope.ts';
import type { Warning } from '../../../../core/warning.ts';
import type { Refusal } from '../../../../core/refusal.ts';

/** The maximum number of members in a multi-VM group. */
export const MAX_GROUP_MEMBERS = 16;

/** The multi-VM group of a request. */
export interface MultiVmGroup {
  readonly name: string;
  /** Null for a new group. */
  readonly id: string | null;
  readonly existingMembers: readonly ItemFacts[];
}

/** The group of the request with its existing members; null when the request has no group. */
export function multiVmGroupOf({ request, items }: RequestScope): MultiVmGroup | null {
  if (!request.multiVmGroup) return null;
  const { name } = request.multiVmGroup;
  const existingMembers = [...items.values()].filter(
    (item) => item.multiVmGroupName !== null && sameId(item.multiVmGroupName, name),
  );
  const knownMember = existingMembers.find(({ multiVmGroupId }) => multiVmGroupId !== null);
  return {
    name: knownMember?.multiVmGroupName ?? name,
    id: knownMember?.multiVmGroupId ?? null,
    existingMembers,
  };
}

/** The refusal when the group would be too large. */
export function checkMemberCount(group: MultiVmGroup, joiningCount: number): Refusal | undefined {
  const memberCount = group.existingMembers.length + joiningCount;
  if (memberCount <= MAX_GROUP_MEMBERS) return undefined;
  return {
    code: 'GroupTooLarge',
    message:
      `The multi-VM group "${group.name}" would have ${memberCount} members: ${group.existingMembers.length} ` +
      `in the vault already and ${joiningCount} to be enabled. At most ${MAX_GROUP_MEMBERS} are ` +
      'possible, so none is enabled. Ask for ' +
      `${Math.max(0, MAX_GROUP_MEMBERS - group.existingMembers.length)} at most, or for another group.`,
  };
}

/** The warnings about the effects of a group. */
export const multiVmWarningsOf = ({ name }: MultiVmGroup): readonly Warning[] => [
  {
    code: 'GroupLoad',
    message:
      `The VMs of the multi-VM group "${name}" take their recovery points together. That is ` +
      'load on each of them, on processor and disks, and is meant only for VMs of one workload ' +
      'that must agree with each other.',
  },
  {
    code: 'GroupFailsOverTogether',
    message: `The VMs of the multi-VM group "${name}" fail over together, never one alone.`,
  },
];
