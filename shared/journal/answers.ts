// The answers of persons to the questions of a job. Lifeboat creates each answer once and never
// changes it.
import { writeBatch, queryDocuments, readDocument, type WithEtag } from '../store/cosmos.ts';
import type { AnswerDocument, AnswerValue, LogDocument, PendingQuestion, StepDocument } from './documents.ts';

const JOBS = 'jobs';

const FAILURE_ANSWERS: ReadonlySet<AnswerValue> = new Set(['tryAgain', 'goOn', 'stop']);
/** Tells whether the answer decides about a failure. */
const isAnswerToFailure = (answer: AnswerValue): boolean => FAILURE_ANSWERS.has(answer);

/**
 * The id of a question within its job. A manual step can ask about its work, and later about its
 * failure: these are two questions.
 */
export const questionIdOf = ({
  stepId,
  tries,
  kind,
}: Pick<PendingQuestion, 'stepId' | 'tries' | 'kind'>): string =>
  `${stepId}:${tries}${kind === 'failure' ? ':failure' : ''}`;
/** The document id of the answer to a question. */
export const answerIdOf = (question: string): string => `answer:${question}`;
/** Each person has one vote on an approval. */
export const voteIdOf = (question: string, callerId: string): string => `vote:${question}:${callerId}`;

/**
 * Creates an answer. False: an answer exists already, or the step has changed since the read. The
 * same batch writes the step again. A process that acts on the step without this answer then loses
 * the ETag and reads again.
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

/** Reads one answer by its id. */
export const readAnswer = (jobId: string, id: string): Promise<WithEtag<AnswerDocument> | undefined> =>
  readDocument<AnswerDocument>(JOBS, id, jobId);

/** All answers and votes of a job. */
export const listAnswers = (jobId: string): Promise<WithEtag<AnswerDocument>[]> =>
  queryDocuments<AnswerDocument>(JOBS, {
    where: "c.type = 'answer'",
    partition: { key: 'jobId', value: jobId },
  });

const isVote = ({ answer }: AnswerDocument): boolean => answer === 'approved' || answer === 'refused';
const isAnswerTo = (answer: AnswerDocument, { id, tries }: Pick<StepDocument, 'id' | 'tries'>): boolean =>
  answer.stepId === id && answer.tries === tries;

/** The answer to the current try of the step, other than votes and answers to its failure. */
export const findAnswer = <T extends AnswerDocument>(
  answers: readonly T[],
  step: Pick<StepDocument, 'id' | 'tries'>,
): T | undefined =>
  answers.find((answer) => isAnswerTo(answer, step) && !isVote(answer) && !isAnswerToFailure(answer.answer));
/** The answer to the failure of the current try. */
export const findAnswerToFailure = <T extends AnswerDocument>(
  answers: readonly T[],
  step: Pick<StepDocument, 'id' | 'tries'>,
): T | undefined => answers.find((answer) => isAnswerTo(answer, step) && isAnswerToFailure(answer.answer));
/** The votes on the current try of an approval. */
export const votesOf = <T extends AnswerDocument>(
  answers: readonly T[],
  step: Pick<StepDocument, 'id' | 'tries'>,
): readonly T[] => answers.filter((answer) => isAnswerTo(answer, step) && isVote(answer));
