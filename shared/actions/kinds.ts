// The kinds of steps that a plan has beside what Site Recovery does, each in a file, all behind one
// interface.
import type { Action } from '../plans/rules/action.ts';
import type { StepDocument } from '../journal/documents.ts';
import { approval } from './kinds/approval.ts';
import { hold } from './kinds/hold.ts';
import { http } from './kinds/http.ts';
import { manual } from './kinds/manual.ts';
import { probe } from './kinds/probe.ts';
import { runbook } from './kinds/runbook.ts';
import { script } from './kinds/script.ts';
import { wait } from './kinds/wait.ts';
import type { Kind } from '../attempts/turn.ts';

const KINDS: Record<Action['kind'], Kind> = { runbook, script, http, probe, manual, approval, wait };

export function kindOf({ id, work }: StepDocument): Kind {
  const kind = work.kind === 'hold' ? hold : work.kind === 'action' ? KINDS[work.action.kind] : undefined;
  if (!kind) throw new Error(`Step ${id} (${work.kind}) is nothing that a plan does around its VMs.`);
  return kind;
}
