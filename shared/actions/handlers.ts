// Finds the handler for an action step. Each kind of action has its own file in `handlers/`.
// `pollActions` uses the handlers through one interface.

import type { Action } from '../plans/rules/action.ts';
import type { StepDocument } from '../journal/documents.ts';
import { approvalHandler } from './handlers/approval.ts';
import { holdHandler } from './handlers/hold.ts';
import { httpHandler } from './handlers/http.ts';
import { manualHandler } from './handlers/manual.ts';
import { probeHandler } from './handlers/probe.ts';
import { runbookHandler } from './handlers/runbook.ts';
import { scriptHandler } from './handlers/script.ts';
import { waitHandler } from './handlers/wait.ts';
import type { ActionHandler } from '../attempts/actionContext.ts';

const ACTION_HANDLERS: Record<Action['kind'], ActionHandler> = {
  runbook: runbookHandler,
  script: scriptHandler,
  http: httpHandler,
  probe: probeHandler,
  manual: manualHandler,
  approval: approvalHandler,
  wait: waitHandler,
};

/** The handler of an action step or a hold step. Throws for a step of Site Recovery. */
export function handlerOf({ id, work }: StepDocument): ActionHandler {
  const handler =
    work.kind === 'hold'
      ? holdHandler
      : work.kind === 'action'
        ? ACTION_HANDLERS[work.action.kind]
        : undefined;
  if (!handler) throw new Error(`Step ${id} (${work.kind}) is no action and no hold.`);
  return handler;
}
