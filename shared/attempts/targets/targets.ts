// Which target a step acts on.
import { runbookTarget } from './runbookTarget.ts';
import { scriptTarget } from './scriptTarget.ts';
import type { StepDocument } from '../../journal/documents.ts';
import { group } from './group.ts';
import { newVm } from './newVm.ts';
import { partTarget } from './part.ts';
import { replicatedVm } from './replicatedVm.ts';
import type { Target } from './target.ts';

export function targetOf({ work }: StepDocument): Target {
  switch (work.kind) {
    case 'replicatedVm':
      return replicatedVm;
    case 'group':
      return group;
    case 'newVm':
      return newVm;
    case 'part':
      return partTarget(work.part);
    case 'action':
      if (work.action.kind === 'runbook') return runbookTarget;
      if (work.action.kind === 'script') return scriptTarget;
      throw new Error(`${work.action.kind} of a plan writes nothing to Azure.`);
    case 'hold':
      throw new Error('A hold of a plan writes nothing to Azure.');
  }
}
