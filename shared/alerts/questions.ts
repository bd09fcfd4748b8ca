// Sends the questions and the messages of alert decisions to people. The timer and the alert routes
// call this module. It must not ask about a decision that is still due.
import { sendQuestions, askAboutJob, type OpenQuestions } from '../delivery/askPeople.ts';
import { findQuestionSubjects, isDecisionId } from '../delivery/questionReminderStore.ts';
import { hasNewCallbacks } from '../delivery/addNewTargets.ts';
import { readyRequestsFor, type OpenQuestion } from '../delivery/answerRequest.ts';
import { apiLinkOf, apiPathOf, questionTitleOf, type Note, type Question } from '../delivery/questions.ts';
import { messageOf } from '../core/errors.ts';
import type { ApprovalRequest } from '../plans/rules/approval.ts';
import type { DecisionDocument } from './documents.ts';
import { readDecisionsForPeople, findDecision, saveDecision } from './store.ts';

/**
 * The timer calls this each minute for every job and decision with questions. One failure does not
 * stop the others.
 */
export async function askAllQuestions(warn: (message: string) => void): Promise<void> {
  const [subjectsAsked, decisions] = await Promise.all([findQuestionSubjects(), readDecisionsForPeople()]);
  const subjects = new Set([...subjectsAsked, ...decisions.map(({ id }) => id)]);
  const withNewCallbacks = subjects.size > 0 && (await hasNewCallbacks('people'));
  for (const subject of subjects) {
    await (isDecisionId(subject) ? askAboutDecision : askAboutJob)(subject, withNewCallbacks).catch(
      (error: unknown) =>
        warn(`The questions about ${subject} wait for the next minute: ${messageOf(error)}`),
    );
  }
}

/**
 * `withNewCallbacks`: some call-back addresses may be new and may not know the earlier questions.
 */
export const askAboutDecision = (id: string, withNewCallbacks = false): Promise<void> =>
  sendQuestions(id, () => readDecisionQuestions(id), withNewCallbacks);

async function readDecisionQuestions(id: string): Promise<OpenQuestions | undefined> {
  const decision = await findDecision(id);
  // The start is still open. The message about the result follows later.
  if (!decision || decision.state === 'due') return undefined;
  const afterSave = decision.toTell ? { afterSave: () => saveDecision(decision, { toTell: false }) } : {};
  return {
    questions: questionsOfDecision(decision),
    notes: notesOfDecision(decision),
    endText: `It is ${decisionEndText(decision)}`,
    link: apiLinkOf('alert-decisions', id),
    callerId: decision.grant?.by.id ?? null,
    ...afterSave,
  };
}

const alertText = ({ alert }: DecisionDocument): string =>
  `the alert "${alert.name}" (severity ` +
  `${alert.severity}${alert.regions.length > 0 ? `, ${alert.regions.join(', ')}` : ''}) of ` +
  alert.firedAt;

/** The id of the question that an approval asks. A second request for approval is another question. */
export const approvalQuestionIdOf = ({ askedAt }: Pick<ApprovalRequest, 'askedAt'>): string =>
  `approval:${askedAt}`;

/** The question that a decision asks now, with its ready requests; empty when it asks nothing. */
export function openQuestionsOfDecision(decision: DecisionDocument): OpenQuestion[] {
  const { id, state, approval, rule, command, outcome, why } = decision;
  if (state !== 'waiting' || !approval || !command) return [];
  const question = approvalQuestionIdOf(approval);
  return [
    {
      id: question,
      step: null,
      kind: 'approval',
      name: `${command.operation} by the alert rule ${rule.name}?`,
      message: `Because of ${alertText(decision)}. ${outcome ?? why}`,
      since: approval.askedAt,
      until: approval.expiresAt,
      answers: readyRequestsFor(apiPathOf('alert-decisions', id), question, ['approved', 'refused']),
    },
  ];
}

const questionsOfDecision = (decision: DecisionDocument): Question[] =>
  openQuestionsOfDecision(decision).map(({ id, name, message, since, until, answers }) => ({
    key: id,
    subject: decision.id,
    title: questionTitleOf({ name }),
    text: message + (until === null ? '' : ` Without an answer nothing is started after ${until}.`),
    link: apiLinkOf('alert-decisions', decision.id),
    since,
    until,
    answers,
  }));

function notesOfDecision(decision: DecisionDocument): Note[] {
  const { id, state, cleared, rule, command, outcome } = decision;
  const subjectAndLink = { subject: id, link: apiLinkOf('alert-decisions', id) };
  const clearedNotes =
    state === 'waiting' && cleared.length > 0
      ? [
          {
            ...subjectAndLink,
            key: `cleared:${cleared.length}`,
            title: `The alert is over: ${decision.alert.name}`,
            text:
              `While the rule ${rule.name} waits for an answer, ${cleared.length} of ` +
              `${decision.counted.length} alerts are over. The rule still asks whether to start ` +
              `${command?.operation ?? 'it'}.`,
          },
        ]
      : [];
  const failureNotes = decision.toTell
    ? [
        {
          ...subjectAndLink,
          key: 'notStarted',
          title: `Not started by the alert rule ${rule.name}`,
          text:
            `Because of ${alertText(decision)} it was to start ` +
            `${command?.operation ?? 'something'}. ${outcome ?? ''}`,
        },
      ]
    : [];
  return [...clearedNotes, ...failureNotes];
}

/** The text for people about the end of the question. */
const decisionEndText = ({ state, outcome }: DecisionDocument): string =>
  `${state}${outcome === null ? '.' : `: ${outcome}`}`;
