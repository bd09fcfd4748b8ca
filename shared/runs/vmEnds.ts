// How each VM of a job ended, from the steps of the job alone. The report of a run shows it.

import type { Phase } from '../core/operations.ts';
import { CLEANED_UP_CODE } from '../core/states/node.ts';
import type { HandedOverVm, StepDocument } from '../journal/documents.ts';
import { hasArrived } from '../journal/steps.ts';
import { pointTimesOf } from './jobMeasures.ts';

/** The end of one VM in a job. Null: the job has no such step for the VM. */
export interface VmEnd {
  readonly vm: string;
  readonly name: string;
  readonly group: string | null;
  /** The state of its last step that has begun. */
  readonly state: StepDocument['state'];
  readonly cameUp: boolean | null;
  /** The time of the recovery point. */
  readonly recoveryPoint: string | null;
  readonly cleanedUp: boolean | null;
  /** The job that cleaned up the test: this job, or the job that took the VM from it. */
  readonly cleanedUpBy: string | null;
  readonly committed: boolean | null;
  readonly reprotected: boolean | null;
  readonly reason: string | null;
}

interface StepOfVm {
  readonly vm: string;
  readonly name: string;
  readonly step: StepDocument;
}

function vmsOfStep(step: StepDocument): readonly StepOfVm[] {
  const { work, targetId, targetName } = step;
  switch (work.kind) {
    case 'multiVmGroup':
      return work.vms.map(({ id, name }) => ({ vm: id, name, step }));
    case 'replicatedVm':
      return [{ vm: targetId, name: targetName, step }];
    case 'newVm':
      return [{ vm: step.replicationId ?? targetId, name: targetName, step }];
    case 'action':
    case 'hold':
    case 'prerequisite':
      return [];
  }
}

/** The ends of all VMs of a job, in the order of its steps. */
export function vmEndsOf(
  steps: readonly StepDocument[],
  handedOverVms: readonly HandedOverVm[],
): readonly VmEnd[] {
  const stepsOfVms = [...steps].sort((a, b) => a.order - b.order).flatMap(vmsOfStep);
  return [...Map.groupBy(stepsOfVms, ({ vm }) => vm).values()].map((all) => vmEndOf(all, handedOverVms));
}

function vmEndOf(all: readonly StepOfVm[], handedOverVms: readonly HandedOverVm[]): VmEnd {
  const [first] = all;
  if (!first) throw new Error('A VM without a step has no end.');
  const { vm, name } = first;
  const stepsOf = (...phases: readonly Phase[]): readonly StepDocument[] =>
    all.flatMap(({ step }) => (phases.includes(step.phase) ? [step] : []));
  const arrivalOf = (...phases: readonly Phase[]): boolean | null => {
    const found = stepsOf(...phases);
    return found.length === 0 ? null : found.some((step) => hasArrived(step, vm));
  };
  const starts = stepsOf('failover', 'testFailover', 'changeRecoveryPoint');
  const cleaners = stepsOf('cleanUpTestFailover').map((step) => cleanerOf(step, vm, handedOverVms));
  const cleanedUpBy = cleaners.find((jobId) => jobId !== null) ?? null;
  const begun = all.filter(({ step }) => step.startedAt !== null || step.endedAt !== null);
  return {
    vm,
    name,
    group: all.findLast(({ step }) => step.planGroup)?.step.planGroup ?? null,
    state: (begun.at(-1) ?? first).step.state,
    cameUp: arrivalOf('failover', 'testFailover'),
    recoveryPoint:
      starts
        .map((step) => pointTimesOf(step)[vm] ?? step.recoveryPoint?.time)
        .findLast((time) => time !== undefined) ?? null,
    cleanedUp:
      cleanedUpBy !== null || (arrivalOf('testFailover', 'cleanUpTestFailover') === null ? null : false),
    cleanedUpBy,
    committed: arrivalOf('commit'),
    reprotected: arrivalOf('reprotect'),
    reason: all.findLast(({ step }) => step.error !== null)?.step.error?.message ?? null,
  };
}

/** A job that hands a VM over does not clean up its test. The other job does. */
function cleanerOf(step: StepDocument, vm: string, handedOverVms: readonly HandedOverVm[]): string | null {
  if (hasArrived(step, vm)) return step.jobId;
  const taker = handedOverVms.find(({ vmId }) => vmId === vm);
  return taker && step.error?.code === CLEANED_UP_CODE ? taker.jobId : null;
}
