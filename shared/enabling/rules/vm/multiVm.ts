// VMs that share recovery points: how many they may be, and what that costs.
import { sameId } from '../../../siterecovery/item.ts';
import type { ItemFacts } from '../../../azure/facts.ts';
import type { Ground } from '../request/scope.ts';
import type { Warning } from '../../../core/warning.ts';
import type { Refusal } from '../../../core/refusal.ts';

export const MOST_MEMBERS = 16;

export interface MultiVmGroup {
  readonly name: string;
  /** Null while it is new. */
  readonly id: string | null;
  readonly present: readonly ItemFacts[];
}

export function multiVmGroupOf({ wish, items }: Ground): MultiVmGroup | null {
  if (!wish.multiVmGroup) return null;
  const { name } = wish.multiVmGroup;
  const present = [...items.values()].filter(
    (item) => item.multiVmGroupName !== null && sameId(item.multiVmGroupName, name),
  );
  const known = present.find(({ multiVmGroupId }) => multiVmGroupId !== null);
  return { name: known?.multiVmGroupName ?? name, id: known?.multiVmGroupId ?? null, present };
}

export function judgeMembers(group: MultiVmGroup, joining: number): Refusal | undefined {
  const all = group.present.length + joining;
  if (all <= MOST_MEMBERS) return undefined;
  return {
    code: 'GroupTooLarge',
    message:
      `The multi-VM group "${group.name}" would have ${all} members: ${group.present.length} ` +
      `in the vault already and ${joining} to be enabled. At most ${MOST_MEMBERS} are ` +
      'possible, so none is enabled. Ask for ' +
      `${Math.max(0, MOST_MEMBERS - group.present.length)} at most, or for another group.`,
  };
}

export const warningsOf = ({ name }: MultiVmGroup): readonly Warning[] => [
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
