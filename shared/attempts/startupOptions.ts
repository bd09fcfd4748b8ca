// The options for the start of a VM: recovery point, network and shutdown of the source. The
// command decides, else the group of the VM in the plan.
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
  // A drill uses the newest processed point: it shows the prepared state, and costs the VM nothing.
  return phase === 'failover' ? 'latest' : 'latestProcessed';
}

/**
 * Tells whether the members of a multi-VM group should share one recovery point, as far as one
 * exists.
 */
export function wantsSharedPoint(step: WorkAndPhase, command: Command): boolean {
  const requested = requestedPointOf(step, command);
  return (
    requested === RecoveryPointKind.latestMultiVmConsistent ||
    (typeof requested === 'object' &&
      'rule' in requested &&
      requested.rule.some(({ kind }) => kind === RecoveryPointKind.latestMultiVmConsistent))
  );
}

/** True if the command asks for a shutdown and nobody has declared the source as lost since. */
export const shouldShutDownSource = async (
  { jobId }: Pick<StepDocument, 'jobId'>,
  command: Command,
): Promise<boolean> => 'shutDownSource' in command && command.shutDownSource && !(await isSourceLost(jobId));

/** A planned failover needs its source. After a loss of the source, the rest fails over unplanned. */
export const isPlannedFailover = async (
  { jobId }: Pick<StepDocument, 'jobId'>,
  command: Command,
): Promise<boolean> => 'kind' in command && command.kind === 'planned' && !(await isSourceLost(jobId));

export const networkFor = ({ work }: WorkAndPhase, command: Command): string | null =>
  ('networkId' in command && command.networkId) || ('networkId' in work ? work.networkId : null);

/** The VM needs a network of its target subscription. The ids alone show a mismatch. */
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
