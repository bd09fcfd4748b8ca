// Lists all that waits for a caller: questions of jobs, approvals and alert decisions. Jobs and
// decisions hold their questions themselves, so the inbox stores nothing. The inbox route calls
// this module.
import * as z from 'zod';
import type { Caller } from '../access/caller.ts';
import { OPERATION_ROLES } from '../access/roles.ts';
import type { DecisionDocument } from '../alerts/documents.ts';
import { openQuestionsOfDecision } from '../alerts/questions.ts';
import { listWaitingDecisions } from '../alerts/store.ts';
import { clock } from '../core/clock.ts';
import { Role } from '../core/role.ts';
import type { OpenQuestion } from '../delivery/answerRequest.ts';
import { openQuestionOf } from '../delivery/questions.ts';
import { findAnswerRefusal } from '../jobs/answerRules.ts';
import { answerIdOf, questionIdOf, voteIdOf } from '../journal/answers.ts';
import { keyInJob, listAskingJobs, readAnswerFacts, type AnswerFacts } from '../journal/askingJobs.ts';
import type { JobDocument } from '../journal/documents.ts';
import { findVoteRefusal } from '../plans/rules/approval.ts';
import {
  createContinuationToken,
  invalidContinuationToken,
  readContinuationToken,
} from '../store/continuationTokens.ts';

/** One question that waits for the caller, with the job or the decision that asks. */
export interface InboxEntry {
  readonly question: OpenQuestion;
  readonly askedBy: JobDocument | DecisionDocument;
}

/** The end of a page: the list, and its last job or decision on the page. */
const Position = z.strictObject({ list: z.enum(['decisions', 'jobs']), after: z.string().max(200) });
type Position = z.infer<typeof Position>;

/** A page ends after this many reads, even if the caller may answer nothing of what they found. */
const MAX_READS = 10;

/**
 * One page of the questions that wait for the caller, the oldest first. A page ends with a whole
 * job, so it may hold some questions more than the limit.
 */
export async function readInbox(
  caller: Caller,
  limit: number,
  token?: string,
): Promise<{ readonly entries: readonly InboxEntry[]; readonly next: string | null }> {
  const list = ['inbox', caller.tenant, caller.id];
  const now = (await clock().now()).toISOString();
  const entries: InboxEntry[] = [];
  let position: Position | null =
    token === undefined ? { list: 'decisions', after: '' } : positionOf(readContinuationToken(list, token));
  for (let reads = 0; position && entries.length < limit && reads < MAX_READS; reads++) {
    const size = limit - entries.length;
    const sources = await readSources(position, size, caller, now);
    let last: string | undefined;
    for (const source of sources) {
      if (entries.length >= limit) break;
      entries.push(...source.entries);
      last = source.id;
    }
    const isEnd = sources.length < size && last === sources.at(-1)?.id;
    position = isEnd ? listAfter(position) : { ...position, after: last ?? position.after };
  }
  return {
    entries: entries.sort((a, b) => (a.question.since < b.question.since ? -1 : 1)),
    next: position && createContinuationToken(list, JSON.stringify(position)),
  };
}

const listAfter = ({ list }: Position): Position | null =>
  list === 'decisions' ? { list: 'jobs', after: '' } : null;

function positionOf(text: string): Position {
  try {
    return Position.parse(JSON.parse(text));
  } catch {
    throw invalidContinuationToken();
  }
}

/** A job or a decision, with its questions that wait for the caller. */
interface Source {
  readonly id: string;
  readonly entries: readonly InboxEntry[];
}

const CONTROL_ROLES: ReadonlySet<string> = new Set(Object.values(OPERATION_ROLES).flat());

/** The next sources of a list. A list without questions for the roles of the caller is not read. */
async function readSources(
  { list, after }: Position,
  size: number,
  caller: Caller,
  now: string,
): Promise<readonly Source[]> {
  const isApprover = caller.roles.includes(Role.approver);
  const mayControl = caller.roles.some((role) => CONTROL_ROLES.has(role));
  if (list === 'decisions')
    return isApprover
      ? (await listWaitingDecisions(after, size)).map((decision) => sourceOfDecision(decision, caller, now))
      : [];
  if (!isApprover && !mayControl) return [];
  const jobs = await listAskingJobs(after, size, !mayControl);
  const facts = await readAnswerFacts(jobs);
  return jobs.map((job) => sourceOfJob(job, facts, caller, now));
}

function sourceOfDecision(decision: DecisionDocument, caller: Caller, now: string): Source {
  const { id, approval, votes } = decision;
  const mayVote =
    approval !== null &&
    !votes.some(({ by }) => by === caller.id) &&
    findVoteRefusal(approval, {
      by: caller.id,
      at: now,
      decision: 'approved',
      subject: approval.subject,
    }) === null;
  const questions = mayVote ? openQuestionsOfDecision(decision) : [];
  return { id, entries: questions.map((question) => ({ question, askedBy: decision })) };
}

/** A question with an answer is done, although the job lists the question until its next round. */
function sourceOfJob(job: JobDocument, facts: AnswerFacts, caller: Caller, now: string): Source {
  const { jobId } = job;
  const waiting = job.needs.filter((question) => {
    const id = questionIdOf(question);
    const answerId = question.kind === 'approval' ? voteIdOf(id, caller.id) : answerIdOf(id);
    const step = facts.steps.get(keyInJob(jobId, question.stepId));
    const asked = { job, question, step, control: facts.controls.get(jobId) };
    return (
      !facts.answerIds.has(keyInJob(jobId, answerId)) && findAnswerRefusal(asked, caller, now) === undefined
    );
  });
  return {
    id: jobId,
    entries: waiting.map((question) => ({ question: openQuestionOf(jobId, question), askedBy: job })),
  };
}
