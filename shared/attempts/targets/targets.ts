// Maps the work of a step to its target. The attempt protocol and the poll call this module.
import { runbookTarget } from './runbookTarget.ts';
import { scriptTarget } from './scriptTarget.ts';
import type { StepDocument } from '../../journal/documents.ts';
import { multiVmGroupTarget } from './groupTarget.ts';
import { newVmTarget } from './newVmTarget.ts';
import { prerequisiteTargetOf } from './prerequisiteTarget.ts';
import { replicatedVmTarget } from './replicatedVmTarget.ts';
import type { Target } from './target.ts';

/** The target of a step. Throws for a step that writes nothing to Azure. */
export function targetOf({ work }: StepDocument): Target {
  switch (work.kind) {
    case 'replicatedVm':
      return replicatedVmTarget;
    case 'multiVmGroup':
      return multiVmGroupTarget;
    case 'newVm':
      return newVmTarget;
    case 'prerequisite':
      return prerequisiteTargetOf(work.prerequisite);
    case 'action':
      if (work.action.kind === 'runbook') return runbookTarget;
      if (work.action.kind === 'script') return scriptTarget;
      throw new Error(`${work.action.kind} of a plan writes nothing to Azure.`);
    case 'hold':
      throw new Error('A hold of a plan writes nothing to Azure.');
  }
}
