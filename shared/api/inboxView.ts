// The public form of the inbox. The inbox route calls this module.
import { isPlanCommand } from '../commands/command.ts';
import type { Operation } from '../core/operations.ts';
import type { OpenQuestion } from '../delivery/answerRequest.ts';
import { questionTitleOf } from '../delivery/questions.ts';
import type { InboxEntry } from '../inbox/readInbox.ts';
import { decisionPath } from './alertViews.ts';
import { jobPath } from './views.ts';

/** One question that waits for the caller, with the job or the alert rule that asks. */
export interface InboxQuestion extends OpenQuestion {
  readonly title: string;
  readonly operation: Operation | null;
  /** The plan in the version of the question. */
  readonly plan: { readonly id: string; readonly version: number } | null;
  readonly requestedBy: { readonly id: string; readonly name: string } | null;
  readonly job: string | null;
  readonly decision: string | null;
  readonly alertRule: string | null;
  readonly links: { readonly self: string };
}

/** The public form of one question that waits for the caller. */
export function inboxEntryView({ question, askedBy }: InboxEntry): InboxQuestion {
  const asked = { ...question, title: questionTitleOf(question) };
  if (askedBy.type === 'job') {
    const { jobId, command, plan, caller } = askedBy;
    return {
      ...asked,
      operation: command.operation,
      plan: plan && { id: plan.id, version: plan.version },
      requestedBy: { id: caller.id, name: caller.name },
      job: jobId,
      decision: null,
      alertRule: null,
      links: { self: jobPath(jobId) },
    };
  }
  const { id, command, planVersion, grant, rule } = askedBy;
  return {
    ...asked,
    operation: command && command.operation,
    plan: command && isPlanCommand(command) ? { id: command.plan, version: planVersion } : null,
    requestedBy: grant && { id: grant.by.id, name: grant.by.name },
    job: null,
    decision: id,
    alertRule: rule.name,
    links: { self: decisionPath(id) },
  };
}
