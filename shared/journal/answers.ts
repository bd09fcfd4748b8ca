// What persons have said to the questions of a job: each answer is created once, and never changed.
import { writeBatch, queryDocuments, readDocument, type WithEtag } from '../store/cosmos.ts';
import type { AnswerDocument, AnswerValue, LogDocument, StepDocument } from './documents.ts';

const JOBS = 'jobs';

/** The question: a step, and the how-manyth time that it is tried. */
export type QuestionKey = { readonly stepId: string; readonly tries: number };

const FAILURE_ANSWERS: ReadonlySet<AnswerValue> = new Set(['tryAgain', 'goOn', 'stop']);
/**
 * What a person says that a step was (or was not) done, and what shall become of it when it has
 * failed for that, answers two questions.
 */
export const isAnswerToFailure = (answer: AnswerValue): boolean => FAILURE_ANSWERS.has(answer);

export const answerIdOf = ({ stepId, tries }: QuestionKey, answer: AnswerValue): string =>
  `answer:${stepId}:${tries}${isAnswerToFailure(answer) ? ':failure' : ''}`;
/** Of an approval each person has a vote of their own. */
export const voteIdOf = ({ stepId, tries }: QuestionKey, callerId: string): string =>
  `vote:${stepId}:${tries}:${callerId}`;

/**
 * False when this was answered already, or the step has changed since it was read. The step is
 * written anew in the same
 * batch: who acts on the step without having seen this answer loses the step's ETag, and looks again.
 */
export const createAnswer = async (
  answer: AnswerDocument,
  line: LogDocument,
  step: WithEtag<StepDocument>,
): Promise<boolean> =>
  (await writeBatch(JOBS, answer.jobId, [
    { create: answer },
    { put: line },
    { replace: step, etag: step._etag },
  ])) !== undefined;

export const readAnswer = (jobId: string, id: string): Promise<WithEtag<AnswerDocument> | undefined> =>
  readDocument<AnswerDocument>(JOBS, id, jobId);

export const listAnswers = (jobId: string): Promise<WithEtag<AnswerDocument>[]> =>
  queryDocuments<AnswerDocument>(JOBS, {
    where: "c.type = 'answer'",
    partition: { key: 'jobId', value: jobId },
  });

const isVote = ({ answer }: AnswerDocument): boolean => answer === 'approved' || answer === 'refused';
const isAnswerTo = (answer: AnswerDocument, { id, tries }: Pick<StepDocument, 'id' | 'tries'>): boolean =>
  answer.stepId === id && answer.tries === tries;

/** What was said to a step as it is tried now, and to its failure. */
export const findAnswer = <T extends AnswerDocument>(
  answers: readonly T[],
  step: Pick<StepDocument, 'id' | 'tries'>,
): T | undefined =>
  answers.find((answer) => isAnswerTo(answer, step) && !isVote(answer) && !isAnswerToFailure(answer.answer));
export const findAnswerToFailure = <T extends AnswerDocument>(
  answers: readonly T[],
  step: Pick<StepDocument, 'id' | 'tries'>,
): T | undefined => answers.find((answer) => isAnswerTo(answer, step) && isAnswerToFailure(answer.answer));
export const votesOf = <T extends AnswerDocument>(
  answers: readonly T[],
  step: Pick<StepDocument, 'id' | 'tries'>,
): readonly T[] => answers.filter((answer) => isAnswerTo(answer, step) && isVote(answer));
