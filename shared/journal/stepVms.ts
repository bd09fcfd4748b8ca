// The VMs of a step, by Lifeboat's ids. Locks, controls and clean-ups ask this module.
import type { StepDocument } from './documents.ts';

/** The VMs on which the step acts, by Lifeboat's ids. */
export function vmIdsOfStep({ work, targetId }: Pick<StepDocument, 'work' | 'targetId'>): readonly string[] {
  switch (work.kind) {
    case 'multiVmGroup':
      return work.vms.map(({ id }) => id);
    case 'replicatedVm':
      return [targetId];
    case 'newVm':
      return work.preview.verdict === 'refused' ? [] : [targetId];
    case 'action':
      return work.vm === null ? [] : [work.vm];
    case 'hold':
    case 'prerequisite':
      return [];
  }
}
