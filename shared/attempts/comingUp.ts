// When and where a VM comes up: as the command says, else as its group in the plan does.
import type { Command } from '../commands/command.ts';
import type { PointRule } from '../plans/rules/plan.ts';
import { RecoveryPointKind, type RecoveryPointWish } from '../siterecovery/recoveryPoint.ts';
import { isSourceLost } from '../journal/control.ts';
import { isOfOtherSubscription } from '../core/armId.ts';
import type { Item } from '../siterecovery/item.ts';
import type { Fault } from '../core/errors.ts';
import { networkElsewhere } from './faults.ts';
import type { StepDocument } from '../journal/documents.ts';

type Of = Pick<StepDocument, 'work' | 'phase'>;

export function pointWish(
  { work, phase }: Of,
  command: Command,
): RecoveryPointWish | { readonly rule: PointRule } {
  if ('recoveryPoint' in command && command.recoveryPoint !== undefined) return command.recoveryPoint;
  if ('points' in work && work.points !== null) return { rule: work.points };
  // A drill shows what stands ready, and costs the VM nothing.
  return phase === 'failover' ? 'latest' : 'latestProcessed';
}

/** Members of a multi-VM group are to come up at one moment, as far as there is one. */
export function wantsShared(of: Of, command: Command): boolean {
  const wish = pointWish(of, command);
  return (
    wish === RecoveryPointKind.latestMultiVmConsistent ||
    (typeof wish === 'object' &&
      'rule' in wish &&
      wish.rule.some(({ kind }) => kind === RecoveryPointKind.latestMultiVmConsistent))
  );
}

/** Asked for, and not said to be in vain since. */
export const shutsDown = async ({ jobId }: Pick<StepDocument, 'jobId'>, command: Command): Promise<boolean> =>
  'shutDownSource' in command && command.shutDownSource && !(await isSourceLost(jobId));

export const networkFor = ({ work }: Of, command: Command): string | null =>
  ('networkId' in command && command.networkId) || ('networkId' in work ? work.networkId : null);

/** Where it comes up it needs a network of its own subscription; whether that is so is plain from the ids. */
export function misplaced(step: StepDocument, command: Command, item: Item): Fault | undefined {
  const networkId =
    step.phase === 'testFailover'
      ? networkFor(step, command)
      : step.phase === 'failover'
        ? item.settings.networkId
        : null;
  return networkId !== null && isOfOtherSubscription(networkId, item.settings.resourceGroupId)
    ? networkElsewhere(step, item.friendlyName, networkId)
    : undefined;
}
