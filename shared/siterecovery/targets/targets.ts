// Which target a step acts on.
import type { StepDocument } from '../../store/documents.ts';
import { group } from './group.ts';
import { newVm } from './newVm.ts';
import { partTarget } from './part.ts';
import { replicatedVm } from './replicatedVm.ts';
import type { Target } from './target.ts';

export function targetOf({ work }: StepDocument): Target {
  switch (work.kind) {
    case 'replicatedVm': return replicatedVm;
    case 'group': return group;
    case 'newVm': return newVm;
    case 'part': return partTarget(work.part);
    case 'action': case 'hold': throw new Error(`A ${work.kind} of a plan is no target of Site Recovery.`);
  }
}
