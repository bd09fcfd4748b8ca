// What a person does, and says that it is done. The question itself stands among the job's needs;
// here only its answer is read.
import { answerTo } from '../../journal/answers.ts';
import { fail, LATEST, rejected, succeed, type Kind, type Next, type Turn } from '../../attempts/turn.ts';

export const manual: Kind = { acts: false, follow };

async function follow(turn: Turn): Promise<Next> {
  const given = answerTo(await turn.answers(), turn.step);
  if (!given) return LATEST;
  const said = `by ${given.by.name}${given.reason === null ? '.' : `: ${given.reason}`}`;
  if (given.answer === 'done') return succeed(turn, `Said to be done ${said}`);
  return fail(turn, rejected('NotDone', `${turn.step.targetName} was said not to be done ${said}`));
}
