// What persons have said to the questions of a job: each answer is created once, and never changed.
import { batch, query, read, type Stored } from '../store/cosmos.ts';
import type { AnswerDocument, AnswerValue, LogDocument, StepDocument } from './documents.ts';

const JOBS = 'jobs';

/** The question: a step, and the how-manyth time that it is tried. */
export type Asked = { readonly stepId: string; readonly tries: number };

const ON_FAILURE: ReadonlySet<AnswerValue> = new Set(['tryAgain', 'goOn', 'stop']);
/**
 * What a person says that a step was (or was not) done, and what shall become of it when it has
 * failed for that, answers two questions.
 */
export const isOnFailure = (answer: AnswerValue): boolean => ON_FAILURE.has(answer);

export const answerIdOf = ({ stepId, tries }: Asked, answer: AnswerValue): string =>
  `answer:${stepId}:${tries}${isOnFailure(answer) ? ':failure' : ''}`;
/** Of an approval each person has a vote of their own. */
export const voteIdOf = ({ stepId, tries }: Asked, callerId: string): string =>
  `vote:${stepId}:${tries}:${callerId}`;

/**
 * False when this was answered already, or the step has changed since it was read. The step is
 * written anew in the same
 * batch: who acts on the step without having seen this answer loses the step's ETag, and looks again.
 */
export const createAnswer = async (
  answer: AnswerDocument,
  line: LogDocument,
  step: Stored<StepDocument>,
): Promise<boolean> =>
  (await batch(JOBS, answer.jobId, [
    { create: answer },
    { put: line },
    { replace: step, etag: step._etag },
  ])) !== undefined;

export const readAnswer = (jobId: string, id: string): Promise<Stored<AnswerDocument> | undefined> =>
  read<AnswerDocument>(JOBS, id, jobId);

export const answersOf = (jobId: string): Promise<Stored<AnswerDocument>[]> =>
  query<AnswerDocument>(JOBS, { where: "c.type = 'answer'", partition: { key: 'jobId', value: jobId } });

const isVote = ({ answer }: AnswerDocument): boolean => answer === 'approved' || answer === 'refused';
const isTo = (answer: AnswerDocument, { id, tries }: Pick<StepDocument, 'id' | 'tries'>): boolean =>
  answer.stepId === id && answer.tries === tries;

/** What was said to a step as it is tried now, and to its failure. */
export const answerTo = <T extends AnswerDocument>(
  answers: readonly T[],
  step: Pick<StepDocument, 'id' | 'tries'>,
): T | undefined =>
  answers.find((answer) => isTo(answer, step) && !isVote(answer) && !isOnFailure(answer.answer));
export const answerToFailure = <T extends AnswerDocument>(
  answers: readonly T[],
  step: Pick<StepDocument, 'id' | 'tries'>,
): T | undefined => answers.find((answer) => isTo(answer, step) && isOnFailure(answer.answer));
export const votesOn = <T extends AnswerDocument>(
  answers: readonly T[],
  step: Pick<StepDocument, 'id' | 'tries'>,
): readonly T[] => answers.filter((answer) => isTo(answer, step) && isVote(answer));
