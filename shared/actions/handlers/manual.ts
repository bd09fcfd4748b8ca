// What a person does, and says that it is done. The question itself stands among the job's needs;
// here only its answer is read.
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
  const given = findAnswer(await context.answers(), context.step);
  if (!given) return MAX_POLL_SECONDS;
  const byWhomText = `by ${given.by.name}${given.reason === null ? '.' : `: ${given.reason}`}`;
  if (given.answer === 'done') return succeed(context, `Said to be done ${byWhomText}`);
  return fail(
    context,
    rejectedFault('NotDone', `${context.step.targetName} was said not to be done ${byWhomText}`),
  );
}
