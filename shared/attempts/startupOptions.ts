// When and where a VM comes up: as the command says, else as its group in the plan does.
import type { Command } from '../commands/command.ts';
import type { RecoveryPointRule } from '../plans/rules/plan.ts';
import { RecoveryPointKind, type RecoveryPointRequest } from '../siterecovery/recoveryPoint.ts';
import { isSourceLost } from '../journal/control.ts';
import { areInDifferentSubscriptions } from '../core/armId.ts';
import type { ReplicatedItem } from '../siterecovery/item.ts';
import type { Fault } from '../core/errors.ts';
import { networkInOtherSubscription } from './stepFaults.ts';
import type { StepDocument } from '../journal/documents.ts';

type WorkAndPhase = Pick<StepDocument, 'work' | 'phase'>;

export function requestedPointOf(
  { work, phase }: WorkAndPhase,
  command: Command,
): RecoveryPointRequest | { readonly rule: RecoveryPointRule } {
  if ('recoveryPoint' in command && command.recoveryPoint !== undefined) return command.recoveryPoint;
  if ('points' in work && work.points !== null) return { rule: work.points };
  // A drill shows what stands ready, and costs the VM nothing.
  return phase === 'failover' ? 'latest' : 'latestProcessed';
}

/** Members of a multi-VM group are to come up at one moment, as far as there is one. */
export function wantsSharedPoint(step: WorkAndPhase, command: Command): boolean {
  const requested = requestedPointOf(step, command);
  return (
    requested === RecoveryPointKind.latestMultiVmConsistent ||
    (typeof requested === 'object' &&
      'rule' in requested &&
      requested.rule.some(({ kind }) => kind === RecoveryPointKind.latestMultiVmConsistent))
  );
}

/** Asked for, and not said to be in vain since. */
export const shouldShutDownSource = async (
  { jobId }: Pick<StepDocument, 'jobId'>,
  command: Command,
): Promise<boolean> => 'shutDownSource' in command && command.shutDownSource && !(await isSourceLost(jobId));

export const networkFor = ({ work }: WorkAndPhase, command: Command): string | null =>
  ('networkId' in command && command.networkId) || ('networkId' in work ? work.networkId : null);

/** Where it comes up it needs a network of its own subscription; whether that is so is plain from the ids. */
export function networkFaultOf(
  step: StepDocument,
  command: Command,
  item: ReplicatedItem,
): Fault | undefined {
  const networkId =
    step.phase === 'testFailover'
      ? networkFor(step, command)
      : step.phase === 'failover'
        ? item.settings.networkId
        : null;
  return networkId !== null && areInDifferentSubscriptions(networkId, item.settings.resourceGroupId)
    ? networkInOtherSubscription(step, item.friendlyName, networkId)
    : undefined;
}
