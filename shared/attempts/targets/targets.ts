// Which target a step acts on.
import { runbookTarget } from './runbookTarget.ts';
import { scriptTarget } from './scriptTarget.ts';
import type { StepDocument } from '../../journal/documents.ts';
import { multiVmGroupTarget } from './groupTarget.ts';
import { newVmTarget } from './newVmTarget.ts';
import { prerequisiteTargetOf } from './prerequisiteTarget.ts';
import { replicatedVmTarget } from './replicatedVmTarget.ts';
import type { Target } from './target.ts';

export function targetOf({ work }: StepDocument): Target {
  switch (work.kind) {
    case 'replicatedVm':
      return replicatedVmTarget;
    case 'group':
      return multiVmGroupTarget;
    case 'newVm':
      return newVmTarget;
    case 'part':
      return prerequisiteTargetOf(work.part);
    case 'action':
      if (work.action.kind === 'runbook') return runbookTarget;
      if (work.action.kind === 'script') return scriptTarget;
      throw new Error(`${work.action.kind} of a plan writes nothing to Azure.`);
    case 'hold':
      throw new Error('A hold of a plan writes nothing to Azure.');
  }
}
