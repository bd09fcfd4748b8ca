// Handles manual actions: a person does the work, and then answers.
// The job stores the question in `needs`. This module reads only the answer.

import { findAnswer } from '../../journal/answers.ts';
import {
  fail,
  MAX_POLL_SECONDS,
  rejectedFault,
  succeed,
  type ActionHandler,
  type NextActionPoll,
  type ActionContext,
} from '../../attempts/actionContext.ts';

export const manualHandler: ActionHandler = { runsExternally: false, poll: pollManual };

async function pollManual(context: ActionContext): Promise<NextActionPoll> {
  const answer = findAnswer(await context.answers(), context.step);
  if (!answer) return MAX_POLL_SECONDS;
  const authorText = `by ${answer.by.name}${answer.reason === null ? '.' : `: ${answer.reason}`}`;
  if (answer.answer === 'done') return succeed(context, `Said to be done ${authorText}`);
  return fail(
    context,
    rejectedFault('NotDone', `${context.step.targetName} was said not to be done ${authorText}`),
  );
}
